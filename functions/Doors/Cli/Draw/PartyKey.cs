using Nethereum.KeyStore;
using Nethereum.Signer;

namespace Notary.Cli;

/// <summary>A party's own key, read from a file that nobody else can read.</summary>
internal static class PartyKey
{
    private const string PasswordVariable = "NOTARY_KEY_PASSWORD";

    /// <summary>Bytes of a key file: a keystore has some 500.</summary>
    private const int MaxBytes = 64 * 1024;

    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.OtherRead | UnixFileMode.OtherWrite;

    /// <summary>Reads 64 hexadecimal digits, or an Ethereum keystore of version 3.</summary>
    /// <exception cref="CliException">It is neither, or others can read it.</exception>
    public static async Task<EthECKey> ReadAsync(string path, string? passwordFile, CancellationToken cancel)
    {
        var text = (await SecretAsync(path, cancel)).Trim();
        var bytes = text.StartsWith('{') ? await OpenAsync(path, text, passwordFile, cancel) : Hexadecimal(path, text);
        try
        {
            return new EthECKey(bytes, isPrivate: true);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            throw new CliException($"{path} holds no key of secp256k1", e);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    /// <summary>A file with a secret.</summary>
    /// <exception cref="CliException">Others can read it.</exception>
    public static async Task<string> SecretAsync(string path, CancellationToken cancel)
    {
        var bytes = await VerifyCommand.ReadAsync(path, MaxBytes, "secret", cancel);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & Others) != 0)
            throw new CliException($"others can read {path}: chmod 600 it first");

        return Encoding.UTF8.GetString(bytes.Span);
    }

    /// <summary>Writes 32 bytes where no file is, for the owner alone, and has them on the disk before it returns.</summary>
    /// <exception cref="CliException">There is a file.</exception>
    public static void Write(string path, Digest secret)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        try
        {
            using var file = new FileStream(Terminal.Named(path), options);
            file.Write(Encoding.ASCII.GetBytes($"{secret}\n"));
            file.Flush(flushToDisk: true);
        }
        catch (IOException e) when (File.Exists(path))
        {
            throw new CliException($"{path} is there already and is not overwritten: a secret that is lost cannot be revealed; "
                + "--resume commits to the one in it, --secret names another file", e);
        }
    }

    private static byte[] Hexadecimal(string path, string text)
    {
        var digits = text.StartsWith("0x", StringComparison.Ordinal) ? text[2..] : text;
        return digits.Length == 2 * Digest.Size && digits.All(char.IsAsciiHexDigit)
            ? Convert.FromHexString(digits) : throw new CliException($"{path} is neither 64 hexadecimal digits nor an Ethereum keystore");
    }

    private static async Task<byte[]> OpenAsync(string path, string json, string? passwordFile, CancellationToken cancel)
    {
        var password = passwordFile is null
            ? Environment.GetEnvironmentVariable(PasswordVariable) : (await SecretAsync(passwordFile, cancel)).TrimEnd('\r', '\n');
        if (password is null)
            throw new CliException($"{path} is a keystore: give --password FILE or set {PasswordVariable}");

        try
        {
            return new KeyStoreService().DecryptKeyStoreFromJson(password, json);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // The library's exceptions are of any kind, also for a wrong password.
            throw new CliException($"{path} is no keystore of version 3, or the password is wrong", e);
        }
    }
}
