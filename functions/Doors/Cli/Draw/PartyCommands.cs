using Notary.Verification.Ethereum;

namespace Notary.Cli;

/// <summary><c>notary draw commit</c> and <c>reveal</c>: a party takes part in a draw's randomness with a key of its own.</summary>
internal static class PartyCommands
{
    /// <summary>The contract's state in which it takes both.</summary>
    private const int Published = 1;

    /// <summary>Bytes of a selector in hexadecimal with its 0x.</summary>
    private const int SelectorLength = 10;

    private static readonly Dictionary<string, string> Errors = new (string Error, string Sentence)[]
    {
        ("WrongState(uint8)", "the draw takes neither commits nor reveals any more, or is not published"),
        ("TooEarly()", "reveals are taken only after the commit deadline's block"),
        ("TooLate()", "the deadline is over"),
        ("NoPlace()", "all places are taken or kept"),
        ("CommittedAlready()", "this account has committed already"),
        ("RevealedAlready()", "this account has revealed already"),
        ("NotAParty()", "this account has not committed"),
        ("NoMatch()", "the secret is not the one committed to"),
    }.ToDictionary(e => "0x" + Convert.ToHexStringLower(Keccak256.Hash(Encoding.ASCII.GetBytes(e.Error))[..4]), e => e.Sentence, StringComparer.Ordinal);

    private static readonly TimeSpan RpcTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Between two looks at the chain's head: well below a block's time.</summary>
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(500);

    public static Command Commit(Terminal terminal)
    {
        var party = new Options();
        var resume = new Option<bool>("--resume") { Description = "Commit to the secret that is in the file already: for when the command was cut off." };
        var command = new Command("commit", "Takes part in a draw: makes a secret, keeps it in a file, and commits to it on chain.") { resume };
        party.AddTo(command);
        command.SetAction((p, cancel) => party.RunAsync(p, async run =>
        {
            var (account, draw, path) = (run.Sender.Account, run.Draw, run.Secret);
            if (draw.Parties.Any(x => x.Account == account))
                return await run.RefuseAsync("this account has committed already");

            if (draw.State != Published || run.Head >= draw.CommitDeadline)
                return await run.RefuseAsync($"commits were taken up to block {draw.CommitDeadline}, and the chain is at {run.Head}");

            if (!p.GetValue(resume))
                PartyKey.Write(path, new Digest(RandomNumberGenerator.GetBytes(Digest.Size)));

            var secret = await ReadAsync(path, cancel);
            return await run.SendAsync(DrawContract.EncodeCommit(run.DrawId, DrawCommit.Of(run.DrawId, account, secret)), "committed",
                $"keep {path}: notary draw reveal reads it after block {draw.CommitDeadline} and up to block {draw.RevealDeadline}", cancel);
        }, terminal, cancel));
        return command;
    }

    public static Command Reveal(Terminal terminal)
    {
        var party = new Options();
        var wait = new Option<bool>("--wait") { Description = "Wait for the commit deadline's block." };
        var command = new Command("reveal", "Tells the secret that commit kept, between the two deadlines.") { wait };
        party.AddTo(command);
        command.SetAction((p, cancel) => party.RunAsync(p, async run =>
        {
            var (account, draw) = (run.Sender.Account, run.Draw);
            if (draw.Parties.FirstOrDefault(x => x.Account == account) is not { } mine)
                return await run.RefuseAsync("this account has not committed");

            var secret = await ReadAsync(run.Secret, cancel);
            if (DrawCommit.Of(run.DrawId, account, secret) != mine.Commitment)
                return await run.RefuseAsync($"the secret in {run.Secret} is not the one that this account has committed to");

            if (mine.Secret is not null)
                return await run.SayAsync("revealed already");

            var head = run.Head;
            while (p.GetValue(wait) && head < draw.CommitDeadline)
            {
                await Task.Delay(Between, cancel);
                head = await run.Node.NewestAsync(cancel);
            }

            // The next block is the first that may be after the deadline.
            if (head < draw.CommitDeadline)
                return await run.RefuseAsync($"reveals are taken after block {draw.CommitDeadline}, and the chain is at {head}; --wait waits");

            return await run.SendAsync(DrawContract.EncodeReveal(run.DrawId, secret), "revealed", "the seed will have it", cancel);
        }, terminal, cancel));
        return command;
    }

    private static async Task<Digest> ReadAsync(string path, CancellationToken cancel)
        => Digest.TryParse((await PartyKey.SecretAsync(path, cancel)).TrimEnd('\r', '\n'), out var secret)
            ? secret : throw new CliException($"{path} does not hold 64 lower-case hexadecimal digits");

    /// <summary>A party in front of a draw.</summary>
    private sealed record Party(
        Digest DrawId, RegisteredDraw Draw, long Head, string Secret, ChainNode Node, PartySender Sender, TimeSpan Patience, Terminal Terminal)
    {
        public async Task<int> RefuseAsync(string sentence)
        {
            await Terminal.Error.WriteLineAsync($"notary: {sentence}");
            return Exit.Failed;
        }

        public async Task<int> SayAsync(string sentence)
        {
            await Terminal.Output.WriteLineAsync($"{Sender.Account} {sentence}");
            return Exit.Passed;
        }

        public async Task<int> SendAsync(byte[] data, string done, string more, CancellationToken cancel)
        {
            var (block, transaction, refused, _) = await Sender.SendAsync(data, Patience, cancel);
            return refused is null ? await SayAsync($"{done} in block {block} by transaction {transaction}; {more}") : await RefuseAsync(refused);
        }
    }

    private sealed class Options
    {
        private readonly Option<Uri> rpc = ServerOptions.Address("--rpc", "A node of the draw's chain.", required: true);
        private readonly Option<string> registry = new("--registry") { Description = "The draw registry's address, 0x…", Required = true };
        private readonly Option<string> draw = new("--draw") { Description = "The draw's id, 64 hexadecimal digits.", Required = true };
        private readonly Option<string> key = new("--key") { Description = "Your key: 64 hexadecimal digits, or an Ethereum keystore.", Required = true };
        private readonly Option<string?> password = new("--password") { Description = "A file with the keystore's password." };
        private readonly Option<string?> secret = new("--secret") { Description = "The file of the secret; DRAW.secret when absent." };
        private readonly Option<int> timeout = ServerOptions.Number("--timeout", "Seconds to wait for the block.", least: 1, absent: 600);

        public void AddTo(Command command)
        {
            foreach (var option in new Option[] { rpc, registry, draw, key, password, secret, timeout })
                command.Add(option);
        }

        public async Task<int> RunAsync(ParseResult p, Func<Party, Task<int>> act, Terminal terminal, CancellationToken cancel)
        {
            if (!Digest.TryParseAnyCase(p.GetValue(draw), out var drawId))
                throw new CliException("--draw is not 64 hexadecimal digits");

            if (!Address.TryParse(p.GetValue(registry)!, out var contract))
                throw new CliException("--registry is not an address, 0x and 40 hexadecimal digits");

            using var http = new HttpClient { Timeout = RpcTimeout };
            var (url, own) = (p.GetValue(rpc)!, await PartyKey.ReadAsync(p.GetValue(key)!, p.GetValue(password), cancel));
            var node = new ChainNode(http, url);
            var chainId = ChainNode.Number(await node.AskAsync("eth_chainId", [], cancel));

            // Also that it is the registry: another contract could take a commitment and do what it likes.
            var sight = await DrawOnline.ReadAsync(chainId, contract, drawId, confirmations: 1, url, http, cancel);
            if (sight.Draw is not { } seen)
                throw new CliException(sight.Reason);

            var sender = new PartySender(node, own, chainId, contract, revert =>
                revert.Length >= SelectorLength && Errors.TryGetValue(revert[..SelectorLength], out var sentence) ? sentence : null);
            return await act(new Party(drawId, seen, sight.AsOf!.Block, p.GetValue(secret) ?? $"{drawId}.secret", node, sender,
                TimeSpan.FromSeconds(p.GetValue(timeout)), terminal));
        }
    }
}
