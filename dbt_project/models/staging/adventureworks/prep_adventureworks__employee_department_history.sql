{{ adventureworks_rows("EmployeeDepartmentHistory") }}
