using Notary.Host;
using Notary.Host.Composition;

try
{
    var app = NotaryApp.Build(HostSettings.FromEnvironment(), args);
    await app.RunAsync();
    return Environment.ExitCode;
}
catch (SettingException wrong)
{
    // One sentence: the Functions host shows stderr's lines as errors, and a stack trace would bury the name.
    await Console.Error.WriteLineAsync(wrong.Message);
    return NotaryApp.ExitWrongSetting;
}
