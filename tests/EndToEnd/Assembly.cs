// Every scenario has servers of its own and mostly waits.
[assembly: Parallelize(Scope = ExecutionScope.MethodLevel, Workers = 3)]
