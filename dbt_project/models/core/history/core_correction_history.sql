{{ history("correction") }}
