using Notary.Host;

var underFunctions = FunctionsApp.IsThere(args);
try
{
    var settings = HostSettings.FromEnvironment(underFunctions);
    using IHost app = underFunctions ? FunctionsApp.Build(settings, args) : NotaryApp.Build(settings, args);
    await app.RunAsync();
}
catch (SettingException wrong)
{
    // One sentence: the Functions host shows stderr's lines as errors, and a stack trace would bury the name.
    await Console.Error.WriteLineAsync(wrong.Message);
    return ExitCodes.WrongSetting;
}
catch (Exception e) when (underFunctions)
{
    // Such as a SIGTERM in the middle of the start: an end like any other, and no core dump.
    await Console.Error.WriteLineAsync($"the worker ended: {e.GetBaseException().Message}");
    return ExitCodes.WorkerEnded;
}

return ExitCodes.OfAnEnd(underFunctions);
