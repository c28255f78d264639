using System.Diagnostics;
using Notary.Servers;

namespace Notary.Infra.Tests;

/// <summary>scripts/deploy against a stand-in for az that writes down how it was called: there is no Azure here.</summary>
[TestClass]
public sealed class DeployScriptTests
{
    [TestMethod]
    public void MissingParametersAreNamedAllAtOnce()
    {
        var (code, _, error, calls) = Run("plan prod", "", complete: false);
        Assert.AreEqual(2, code);
        foreach (var name in Needed("prod"))
        {
            Assert.IsTrue(error.Contains(name, StringComparison.Ordinal), $"{name} is not named: {error}");
        }

        Assert.IsEmpty(calls);
    }

    [TestMethod]
    public void PlanChangesNothing()
    {
        var (code, _, error, calls) = Run("plan prod", "", complete: true);
        Assert.AreEqual(0, code, error);
        Assert.IsTrue(calls.Any(c => c.StartsWith("deployment sub what-if", StringComparison.Ordinal)));
        Assert.IsFalse(calls.Any(Changes), string.Join('\n', calls));
    }

    [TestMethod]
    public void WithoutAYesNothingIsDeployed()
    {
        var (code, _, _, calls) = Run("apply dev", "no\n", complete: true);
        Assert.AreEqual(2, code);
        Assert.IsFalse(calls.Any(Changes), string.Join('\n', calls));
    }

    [TestMethod]
    public void WithAYesTheTemplateIsDeployed()
    {
        var (code, _, error, calls) = Run("apply dev", "yes\n", complete: true);
        Assert.AreEqual(0, code, error);
        var create = calls.Single(c => c.StartsWith("deployment sub create", StringComparison.Ordinal));
        Assert.IsTrue(create.Contains("--template-file infra/main.bicep --parameters infra/params/dev.bicepparam", StringComparison.Ordinal), create);
        var shown = calls.FindIndex(c => c.StartsWith("deployment sub what-if", StringComparison.Ordinal));
        Assert.IsTrue(shown >= 0 && shown < calls.IndexOf(create), "shown first");
    }

    [TestMethod]
    public void APolicyIsNotLockedWithoutAYes()
    {
        var (code, _, _, calls) = Run("lock prod", "no\n", complete: true);
        Assert.AreEqual(2, code);
        Assert.IsFalse(calls.Any(c => c.Contains("immutability-policy lock", StringComparison.Ordinal)));
    }

    [TestMethod]
    public void EveryProviderIsRegistered()
    {
        var registered = System.Text.RegularExpressions.Regex.Match(File.ReadAllText(Path.Combine(Repository.Root, "scripts", "deploy")), "for provider in ([^;]+);").Groups[1].Value.Split(' ');

        // Every subscription has the first two; the last three are used by the app's subnet, the image builder and the component.
        var used = Templates.Bicep.SelectMany(t => t.Resources!.Where(r => !r.Nested)).Select(r => r.Type.Split('/')[0]["Microsoft.".Length..]).Distinct().Except(["Authorization", "Resources"]);
        CollectionAssert.AreEquivalent(used.Concat(["App", "ContainerInstance", "AlertsManagement"]).ToArray(), registered);
    }

    [TestMethod]
    public void LockingSaysWhatTheParametersMustSayAfterwards()
    {
        var (code, output, error, calls) = Run("lock prod", "yes\nyes\n", complete: true);
        Assert.AreEqual(0, code, error);
        Assert.HasCount(2, calls.Where(c => c.Contains(" lock ", StringComparison.Ordinal)).ToArray());
        StringAssert.Contains(output, "set wormLocked to true in infra/params/prod.bicepparam");
    }

    [TestMethod]
    public void TheSparesSecretsAreNotOnTheCommandLine()
    {
        var (code, _, error, calls) = Run("spares prod 2 /image", "yes\n", complete: true, ("NOTARY_RECORDER_KEY", "k3y-of-the-recorder"));
        Assert.AreEqual(0, code, error);
        Assert.IsTrue(calls.Any(c => c.StartsWith("deployment group create", StringComparison.Ordinal)));
        foreach (var secret in (string[])["k3y-of-the-recorder", "t0ken-of-the-pool"])
        {
            Assert.IsFalse(calls.Any(c => c.Contains(secret, StringComparison.Ordinal)) || error.Contains(secret, StringComparison.Ordinal), secret);
        }
    }

    private static bool Changes(string call) => call.Contains(" create ", StringComparison.Ordinal) || call.Contains(" lock ", StringComparison.Ordinal) || call.Contains("config-zip", StringComparison.Ordinal);

    private static string[] Needed(string environment)
        => [.. System.Text.RegularExpressions.Regex.Matches(Templates.Text($"params/{environment}.bicepparam"), @"readEnvironmentVariable\('([A-Z0-9_]+)'\)").Select(m => m.Groups[1].Value).Distinct()];

    private static (int Code, string Out, string Error, List<string> Calls) Run(string arguments, string input, bool complete, params (string Name, string Value)[] more)
    {
        var folder = Directory.CreateTempSubdirectory("infra-az");
        try
        {
            var log = Path.Combine(folder.FullName, "calls");
            StandIn.Write(Path.Combine(folder.FullName, "az"), $"#!/bin/sh\necho \"$*\" >> '{log}'\ncase \"$*\" in *retrieve-registration-token*) echo t0ken-of-the-pool;; *) echo value;; esac\n");
            var start = new ProcessStartInfo(Path.Combine(Repository.Root, "scripts", "deploy"), arguments.Split(' '))
            {
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            };
            start.Environment["PATH"] = folder.FullName + ":" + Environment.GetEnvironmentVariable("PATH");
            foreach (var (name, value) in Needed(arguments.Split(' ')[1]).Where(_ => complete).Select(n => (n, "x")).Concat(more))
            {
                start.Environment[name] = value;
            }

            using var script = Process.Start(start)!;
            script.StandardInput.Write(input);
            script.StandardInput.Close();
            var error = script.StandardError.ReadToEndAsync();
            var output = script.StandardOutput.ReadToEnd();
            script.WaitForExit();
            return (script.ExitCode, output, error.GetAwaiter().GetResult(), File.Exists(log) ? [.. File.ReadAllLines(log)] : []);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
