{{ adventureworks_rows("SalesPersonQuotaHistory") }}
