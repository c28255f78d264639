using Notary.Host;
using Notary.Host.Composition;

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

return ExitCodes.OfAnEnd(underFunctions);
