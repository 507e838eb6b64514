{{ history("absence") }}
