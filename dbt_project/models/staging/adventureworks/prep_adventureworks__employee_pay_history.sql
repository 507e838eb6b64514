{{ adventureworks_rows("EmployeePayHistory") }}
