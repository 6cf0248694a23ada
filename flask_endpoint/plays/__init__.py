"""Convert received rows and items to plays, or reject them with a reason. Pure functions: no file, database or clock."""
