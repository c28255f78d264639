using Nethereum.Util;

namespace Notary.Cli;

/// <summary>The commands with which an organisation takes accounts as its own, by its certificate's key: none of them makes a key.</summary>
internal static class CandidateCommands
{
    private const long Day = 24 * 60 * 60;

    /// <summary>Two years: as long as certificates of organisations commonly are.</summary>
    private const int Validity = 730;

    public static Command Join(Terminal terminal)
    {
        var options = new ConsortiumOptions(sends: false);
        var name = new Option<string>("--name") { Description = "The organisation's public name.", Required = true };
        var certificate = new Option<string>("--certificate") { Description = "Its certificate of P-256, PEM or DER.", Required = true };
        var root = new Option<string>("--root") { Description = "The root certificate it leads to.", Required = true };
        var certificateKey = CertificateKey();
        var account = Account("The account it will act by.");
        var nodes = new Option<string>("--nodes") { Description = "production, service, observer; several with commas.", Required = true };
        var days = ServerOptions.Number("--days", "Days for which the account is valid.", least: 1, absent: Validity);
        var output = new Option<string>("--out") { Description = "Where the candidate's file is written.", Required = true };
        var command = new Command("join", "Writes the file by which members propose your organisation, or found a consortium with it.")
        {
            name, certificate, root, certificateKey, account, nodes, days, output,
        };
        options.AddTo(command);

        // A founder proves himself to a contract that is not there yet, so the code at the address is not looked at.
        command.SetAction((p, cancel) => options.RunUnseenAsync(p, async run =>
        {
            var facts = await CandidateFile.OfAsync(
                p.GetValue(name)!, p.GetValue(certificate)!, p.GetValue(root)!, ProposeCommands.Nodes(p.GetValue(nodes)!), cancel);
            var from = await run.NowAsync(cancel);
            var candidate = facts with { Key = Parse(p.GetValue(account)!), From = from, Until = from + (p.GetValue(days) * Day) };
            var proof = await CandidateFile.ProveAsync(candidate, run.ChainId, run.Contract, p.GetValue(certificateKey)!, cancel);
            await File.WriteAllTextAsync(Terminal.Named(p.GetValue(output)!), CandidateFile.Write(candidate, proof) + "\n", cancel);
            return await run.SayAsync($"{p.GetValue(output)}: {candidate.Name}, certificate {candidate.Certificate}, account {candidate.Key}");
        }, terminal, cancel));
        return command;
    }

    public static Command Found(Terminal terminal)
    {
        var options = new ConsortiumOptions(sends: true, found: true);
        var files = new Argument<string[]>("candidates") { Description = "Files that notary consortium join wrote.", Arity = ArgumentArity.ZeroOrMore };
        var threshold = new Option<string>("--threshold") { Description = "The share that must agree, such as 2/3.", DefaultValueFactory = _ => "1/2" };
        var address = new Option<bool>("--address") { Description = "Only say which address the contract would have: founders prove themselves to it." };
        var code = new Option<string?>("--code") { Description = "The contract's committed artifact, Consortium.json." };
        var command = new Command("found", "Puts a consortium on the chain, with its first members.") { files, threshold, address, code };
        options.AddTo(command);
        command.SetAction((p, cancel) => options.RunAsync(p, async run =>
        {
            var nonce = ChainNode.Number(await run.Node.AskAsync("eth_getTransactionCount", [run.Sender.Account.ToLowerHex(), "pending"], cancel));
            var contract = Address.Parse(ContractUtils.CalculateContractAddress(run.Sender.Account.ToLowerHex(), nonce));
            if (p.GetValue(address))
                return await run.SayAsync(contract.ToString());

            var founders = new List<(ConsortiumCandidate, byte[])>();
            foreach (var file in p.GetValue(files)!)
                founders.Add(await CandidateFile.ReadAsync(file, cancel));

            var roots = founders.Select(f => f.Item1.Root).Distinct().ToArray();
            var (numerator, denominator) = ProposeCommands.Share(p.GetValue(threshold)!);
            byte[] data = [.. await CodeAsync(p.GetValue(code), "Consortium", ConsortiumContract.Code, cancel),
                .. ConsortiumContract.EncodeFounding(founders, roots, numerator, denominator)];
            return await run.SendAsync(data, _ => $"founded {contract}", cancel);
        }, terminal, cancel));
        return command;
    }

    public static Command Rotate(Terminal terminal)
    {
        var options = new ConsortiumOptions(sends: true);
        var certificateKey = CertificateKey();
        var account = Account("Your new account.");
        var keep = new Option<bool>("--keep") { Description = "Keep the account that sends this beside the new one." };
        var days = ServerOptions.Number("--days", "Days for which the account is valid.", least: 1, absent: Validity);
        var period = ProposeCommands.Period();
        var command = new Command("rotate", "Proposes a new account for your organisation in place of the one that sends this.")
        {
            certificateKey, account, keep, days, period,
        };
        options.AddTo(command);
        command.SetAction((p, cancel) => options.RunAsync(p, async run =>
        {
            var own = run.Sender.Account;
            var number = (await run.View.KeyAsync(own, cancel)).Member;
            if (number == 0)
                throw new CliException($"{own} is no member's account");

            var member = await run.View.MemberAsync(number, cancel);
            var now = await run.NowAsync(cancel);
            var next = new ConsortiumCandidate(member.Name, member.Certificate, member.Root, member.X, member.Y, member.Nodes,
                Parse(p.GetValue(account)!), now, now + (p.GetValue(days) * Day));
            var proof = await CandidateFile.ProveAsync(next, run.ChainId, run.Contract, p.GetValue(certificateKey)!, cancel);
            var retired = p.GetValue(keep) ? default : own;
            return await run.ProposeAsync(ConsortiumContract.EncodeKey(number, next, retired, proof, now + (p.GetValue(period) * Day)), cancel);
        }, terminal, cancel));
        return command;
    }

    private static Option<string> CertificateKey()
        => new("--certificate-key") { Description = "The certificate's private key, PEM; it signs and stays where it is.", Required = true };

    private static Option<string> Account(string what) => new("--account") { Description = what, Required = true };

    private static Address Parse(string text)
        => Address.TryParse(text, out var address) ? address : throw new CliException("--account is not an address, 0x and 40 hexadecimal digits");

    /// <summary>The creation code of a committed artifact.</summary>
    internal static async Task<byte[]> CodeAsync(string? path, string name, Digest deployed, CancellationToken cancel)
    {
        if (path is null)
            throw new CliException($"--code names no artifact: it is functions/Core/Chain/contracts/{name}.json");

        const int most = 1024 * 1024;
        try
        {
            var json = JsonSerializer.Deserialize<JsonElement>((await VerifyCommand.ReadAsync(path, most, "artifact", cancel)).Span);
            return Digest.Of(Hex.Bytes(json.GetProperty("deployedBytecode").GetString())) == deployed
                ? Hex.Bytes(json.GetProperty("bytecode").GetString()) : throw new CliException($"{path} is not the artifact {name}.json");
        }
        catch (Exception e) when (e is JsonException or FormatException or KeyNotFoundException or InvalidOperationException)
        {
            throw new CliException($"{path} is no contract's artifact", e);
        }
    }
}
