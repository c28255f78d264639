using System.Diagnostics;

namespace Notary.Evidence.Tests.Draws;

/// <summary>Approvals that real keys have signed hold; whatever is changed in them, or signed differently, does not.</summary>
[TestClass]
public sealed class DrawApprovalTests : IDisposable
{
    private static readonly Digest Draw = DrawBed.Hash(1), Plan = DrawBed.Hash(2), Commitment = DrawBed.Hash(3), Result = DrawBed.Hash(4);

    private readonly SoftAuthenticator first = new("notary-1"), second = new("notary-2");

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }

    [TestMethod]
    public void EachStepTakesTwoPeopleWithTwoKeys()
    {
        (ApprovalStep Step, Digest Digest)[] steps = [(ApprovalStep.Publish, Plan), (ApprovalStep.Commit, Commitment), (ApprovalStep.Result, Result)];
        var all = File(steps.SelectMany(s => new[] { second, first }.Select(n => n.Approve(Draw, s.Step, s.Digest))));
        var read = DrawApprovals.Parse(all.ToBytes());
        CollectionAssert.AreEqual(all.ToBytes(), read.ToBytes());
        foreach (var (step, digest) in steps)
        {
            Assert.IsTrue(read.IsApproved(step, digest), step.ToString());
            Assert.AreEqual("notary-1, notary-2", string.Join(", ", read.Of(step, digest).Select(a => a.Notary)));
            foreach (var (other, digestOfOther) in steps.Where(s => s.Step != step))
            {
                Assert.IsFalse(read.IsApproved(step, digestOfOther), "another document");
                Assert.IsFalse((read with { Approvals = [.. read.Approvals.Where(a => a.Step == other)] }).IsApproved(step, digest));
            }

            var (a, b) = (first.Approve(Draw, step, digest), second.Approve(Draw, step, digest));
            Assert.IsFalse(File([a]).IsApproved(step, digest), "one alone");
            Assert.IsFalse(File([a, first.Approve(Draw, step, digest)]).IsApproved(step, digest), "one twice");
            Assert.IsFalse(File([a, b with { Digest = DrawBed.Hash(9) }]).IsApproved(step, digest));
            Assert.IsFalse(File([a, b with { Signature = a.Signature }]).IsApproved(step, digest));
            Assert.IsFalse((File([a, b]) with { DrawId = DrawBed.Hash(9) }).IsApproved(step, digest), "another draw");
            Assert.IsFalse((File([a, b]) with { RpId = "other.example" }).IsApproved(step, digest), "another office");
        }
    }

    [TestMethod]
    public void OnePersonWithTwoKeysOrTwoWithOneAreNotTwo()
    {
        using var again = new SoftAuthenticator("notary-1");
        var (a, other) = (first.Approve(Draw, ApprovalStep.Commit, Commitment), again.Approve(Draw, ApprovalStep.Commit, Commitment));
        Assert.IsFalse(File([a, other]).IsApproved(ApprovalStep.Commit, Commitment), "one notary with two keys");

        // The same authenticator signs for another notary.
        var shared = first.Sign(ApprovalStep.Commit, Commitment, second.Approve(Draw, ApprovalStep.Commit, Commitment).ClientData) with { Notary = "notary-2" };
        Assert.IsTrue(shared.Holds(Draw, SoftAuthenticator.RpId));
        Assert.IsFalse(File([a, shared]).IsApproved(ApprovalStep.Commit, Commitment), "two notaries with one key");

        // The key's point compressed is another encoding of the same key, not another key.
        var point = a.Key.AsSpan(27);
        byte[] compressed = [.. Convert.FromHexString("3039301306072a8648ce3d020106082a8648ce3d030107032200"), (byte)(2 + (point[^1] & 1)), .. point[..32]];
        Assert.IsFalse((shared with { Key = compressed }).Holds(Draw, SoftAuthenticator.RpId));
    }

    [TestMethod]
    public void EveryBitThatIsSignedCounts()
    {
        var a = first.Approve(Draw, ApprovalStep.Result, Result);
        Assert.IsTrue(a.Holds(Draw, SoftAuthenticator.RpId));
        DrawApproval[] fields =
        [
            a with { Step = ApprovalStep.Commit }, a with { Digest = Commitment }, a with { Notary = "notary-3" }, a with { Notary = "Notary-1" },
            a with { Notary = "" }, a with { Key = second.Approve(Draw, ApprovalStep.Result, Result).Key }, a with { Key = [] },
            a with { AuthenticatorData = [] }, a with { AuthenticatorData = [.. a.AuthenticatorData, 0] }, a with { ClientData = [] },
            a with { ClientData = [.. a.ClientData, (byte)' '] }, a with { Signature = [] }, a with { Signature = [.. a.Signature, 0] },
        ];
        foreach (var wrong in fields)
            Assert.IsFalse(wrong.Holds(Draw, SoftAuthenticator.RpId), wrong.ToString());

        Bits(a.Key, b => a with { Key = b });
        Bits(a.AuthenticatorData, b => a with { AuthenticatorData = b });
        Bits(a.ClientData, b => a with { ClientData = b });
        Bits(a.Signature, b => a with { Signature = b });

        static void Bits(byte[] bytes, Func<byte[], DrawApproval> with)
        {
            for (var bit = 0; bit < bytes.Length * 8; bit++)
            {
                byte[] wrong = [.. bytes];
                wrong[bit / 8] ^= (byte)(1 << (bit % 8));
                Assert.IsFalse(with(wrong).Holds(Draw, SoftAuthenticator.RpId), $"bit {bit} of {bytes.Length} bytes");
            }
        }
    }

    [TestMethod]
    [DataRow("type", "webauthn.create")]
    [DataRow("type", null)]
    [DataRow("challenge", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [DataRow("origin", "http://notary.example", DisplayName = "without TLS")]
    [DataRow("origin", "https://notary.example.other")]
    [DataRow("origin", "https://othernotary.example")]
    [DataRow("origin", "https://notary.example/")]
    [DataRow("origin", "https://notary.example@other.example")]
    [DataRow("origin", "https://other.example#.notary.example")]
    [DataRow("origin", "HTTPS://notary.example")]
    [DataRow("origin", "null")]
    [DataRow("crossOrigin", true)]
    [DataRow("crossOrigin", "false")]
    public void WhatABrowserWouldNotSayIsRefusedAlthoughSigned(string member, object? value)
    {
        first.Client[member] = value ?? 0;
        Assert.IsFalse(first.Approve(Draw, ApprovalStep.Publish, Plan).Holds(Draw, SoftAuthenticator.RpId));
    }

    [TestMethod]
    public void WhatBrowsersDoSayHolds()
    {
        first.Client["topOrigin"] = "https://portal.example";
        first.Client.Remove("crossOrigin");
        first.Client["origin"] = "https://office.notary.example:8443";
        Assert.IsTrue(first.Approve(Draw, ApprovalStep.Publish, Plan).Holds(Draw, SoftAuthenticator.RpId));
        first.Client["origin"] = "http://localhost:5000";
        Assert.IsTrue(first.Approve(Draw, ApprovalStep.Publish, Plan, "localhost").Holds(Draw, "localhost"));

        foreach (var (flags, extensions, holds) in new (byte, byte[], bool)[]
        {
            (0x1d, [], true), (0x85, [0xa0], true), (0x85, [], false), (0x05, [0xa0], false), (0x45, [], false), (0x01, [], false), (0x04, [], false),
            (0x85, new byte[DrawApproval.MaxAuthenticatorData], false),
        })
        {
            (first.Flags, first.Extensions) = (flags, extensions);
            Assert.AreEqual(holds, first.Approve(Draw, ApprovalStep.Publish, Plan, "localhost").Holds(Draw, "localhost"), $"{flags:x2} {extensions.Length}");
        }
    }

    [TestMethod]
    public void AMemberTwiceIsNoAnswerOfABrowser()
    {
        var right = Encoding.UTF8.GetString(first.Approve(Draw, ApprovalStep.Publish, Plan).ClientData);
        string[] all = [right[..^1] + ",\"type\":\"webauthn.get\"}", right[..^1], "[]", "null", "{}", "\ufeff" + right, new string(' ', 2048) + right];
        foreach (var wrong in all)
            Assert.IsFalse(first.Sign(ApprovalStep.Publish, Plan, Encoding.UTF8.GetBytes(wrong)).Holds(Draw, SoftAuthenticator.RpId), wrong);
    }

    [TestMethod]
    public async Task OpensslVerifiesTheSignature()
    {
        var (a, folder) = (first.Approve(Draw, ApprovalStep.Result, Result), Directory.CreateTempSubdirectory("notary-approval"));
        try
        {
            await WriteAsync("key.der", a.Key);
            await WriteAsync("signature", a.Signature);
            await WriteAsync("signed", [.. a.AuthenticatorData, .. SHA256.HashData(a.ClientData)]);
            Assert.AreEqual("Verified OK\n", await OpenSslAsync(folder.FullName));
            await WriteAsync("signed", [.. a.AuthenticatorData, .. SHA256.HashData(a.AuthenticatorData)]);
            Assert.Contains("Verification failure", await OpenSslAsync(folder.FullName));
        }
        finally
        {
            folder.Delete(recursive: true);
        }

        Task WriteAsync(string name, byte[] bytes) => System.IO.File.WriteAllBytesAsync(Path.Combine(folder.FullName, name), bytes);
    }

    private static async Task<string> OpenSslAsync(string folder)
    {
        string[] arguments = ["dgst", "-sha256", "-verify", "key.der", "-keyform", "DER", "-signature", "signature", "signed"];
        using var openssl = Process.Start(new ProcessStartInfo("openssl", arguments) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
        var said = await openssl.StandardOutput.ReadToEndAsync();
        await openssl.WaitForExitAsync();
        return said;
    }

    private static DrawApprovals File(IEnumerable<DrawApproval> approvals) => new(Draw, SoftAuthenticator.RpId, [.. approvals]);
}
