{{ history("marketing_spend") }}
