{{ history("territory") }}
