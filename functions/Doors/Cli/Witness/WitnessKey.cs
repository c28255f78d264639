namespace Notary.Cli;

/// <summary>A witness's own key, in a file that nobody else can read: <c>PRIVATE+KEY+name+id+base64(type ‖ seed)</c>, as of Go's notes.</summary>
/// <remarks>Ed25519 keys are for one witness and nothing else: the signed message does not have the witness's name (tlog-cosignature).</remarks>
internal sealed class WitnessKey
{
    private const string Prefix = "PRIVATE+KEY+";

    private readonly byte[] seed;

    private WitnessKey(string name, byte[] seed)
        => (this.seed, Public) = (seed, new VerifierKey(name, VerifierKey.CosignatureV1, Curve.PublicOf(seed)));

    /// <summary>What clients are told.</summary>
    public VerifierKey Public { get; }

    /// <summary>Makes a key where no file is, and has it on the disk before it returns.</summary>
    /// <exception cref="CliException">There is a file, or the name cannot stand in a signature line.</exception>
    public static WitnessKey Create(string path, string name)
    {
        var key = new WitnessKey(name, RandomNumberGenerator.GetBytes(VerifierKey.Ed25519Bytes));
        Checked(key.Public.ToString());
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        try
        {
            using var file = new FileStream(Terminal.Named(path), options);
            file.Write(Encoding.UTF8.GetBytes(
                $"{Prefix}{name}+{Convert.ToHexStringLower(key.Public.Id)}+{Convert.ToBase64String([VerifierKey.CosignatureV1, .. key.seed])}\n"));
            file.Flush(flushToDisk: true);
            return key;
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new CliException($"{path} is there already and is not overwritten: whoever trusts the key in it would lose this witness", e);
        }
    }

    /// <summary>Reads a key.</summary>
    /// <exception cref="CliException">The file holds none, or others can read it.</exception>
    public static async Task<WitnessKey> ReadAsync(string path, CancellationToken cancel)
    {
        var line = (await PartyKey.SecretAsync(path, cancel)).TrimEnd('\r', '\n');
        var parts = line.StartsWith(Prefix, StringComparison.Ordinal) ? line[Prefix.Length..].Split('+', 3) : [];
        var bytes = new byte[line.Length];
        if (parts.Length != 3 || !Convert.TryFromBase64String(parts[2], bytes, out var length)
            || length != 1 + VerifierKey.Ed25519Bytes || bytes[0] != VerifierKey.CosignatureV1)
            throw new CliException($"{path} holds no witness's key: notary witness keygen makes one");

        var key = new WitnessKey(parts[0], bytes[1..length]);
        Checked(key.Public.ToString());
        return Convert.ToHexStringLower(key.Public.Id) == parts[1] ? key : throw new CliException($"{path} is damaged: its key has another id");
    }

    /// <summary>The signature line for a checkpoint's text.</summary>
    public string Cosign(string body, DateTimeOffset now)
    {
        var seconds = now.ToUnixTimeSeconds();
        return new Cosignature(seconds, Curve.Sign(seed, Cosignature.Message(seconds, body))).ToLine(Public);
    }

    private static void Checked(string line)
    {
        try
        {
            VerifierKey.Parse(line);
        }
        catch (FaultException e)
        {
            throw new CliException("a witness's name has no white space and no plus sign: an address without https://, say witness.example/w1", e);
        }
    }
}
