using System.Diagnostics;

namespace Notary.Cli.Tests;

/// <summary>Lists as people have them: what tools print, in the encodings in which it lands in files.</summary>
[TestClass]
public sealed class DigestListTests
{
    private const string A = "0263829989b6fd954f72baaf2fc64bc2e2f01d692d4de72986ea808f6e99813f";
    private const string B = "87428fc522803d31065e7bce3cf03fe475096631e5e07bbd7a0fde60c4cf25c7";
    private const string Md5 = "3b5d5c3712955042212316173ccf37be";
    private static readonly Encoding Utf8 = DigestList.EncodingOf("utf-8");

    private static string Upper(string digest) => digest.ToUpperInvariant();

    private static async Task<string> ReadAsync(byte[] list, bool withNames = true, string encoding = "utf-8")
    {
        using var input = new MemoryStream(list);
        return string.Join('\n', (await DigestList.ReadAsync(input, withNames, DigestList.EncodingOf(encoding), CancellationToken.None))
            .Select(d => d.Name is null ? $"{d.Sha256}" : $"{d.Sha256} {d.Name}"));
    }

    private static async Task<string> RefusalAsync(string list, bool withNames = true)
        => (await Assert.ThrowsExactlyAsync<CliException>(() => ReadAsync(Utf8.GetBytes(list), withNames))).Message;

    /// <summary>As captured from the tools: hashdeep 4.4, PowerShell 7.5 and 5.1, with the digests' names shortened.</summary>
    public static IEnumerable<object[]> Lists =>
    [
        ["alone, upper case", $"{Upper(A)}\r\n\r\n{Upper(B)}\r\n", "", ""],
        ["sha256sum", $"{A}  a,b \"c\".txt\n{B} *合同.pdf\n", "a,b \"c\".txt", "合同.pdf"],
        ["sha256sum --tag", $"SHA256 (a (1).txt) = {A}\n\\SHA256 (a\\\\b) = {B}\n", "a (1).txt", "a\\b"],
        ["sha256sum, escaped", $"\\{A}  a\\\\b\n{B}  a\\b\n", "a\\b", "a\\b"],
        ["openssl", $"SHA2-256(a) = b)= {A}\nSHA256(合同.pdf)= {Upper(B)}\n", "a) = b", "合同.pdf"],
        ["hashdeep", $"%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n## Invoked from: /tmp\n## $ hashdeep -c md5,sha256 -l *\n## \n"
            + $"2,{Md5},{A},a,b \"c\".txt\n1,{Md5},{B},a\\b\n", "a,b \"c\".txt", "a\\b"],
        ["hashdeep without md5", $"%%%% HASHDEEP-1.0\n%%%% size,sha256,filename\n## \n2,{A},/tmp/合同.pdf\n2,{B},Hash\n", "/tmp/合同.pdf", "Hash"],
        ["Get-FileHash | Export-Csv",
            $"\"Algorithm\",\"Hash\",\"Path\"\r\n\"SHA256\",\"{Upper(A)}\",\"C:\\文件\\a,b.pdf\"\r\n\"SHA256\",\"{Upper(B)}\",\"D:\\Hash\"\r\n",
            "C:\\文件\\a,b.pdf", "D:\\Hash"],
        ["the same of Windows's own PowerShell, with a list's separator of other countries",
            $"#TYPE Microsoft.PowerShell.Commands.FileHashInfo\r\n\"Algorithm\";\"Hash\";\"Path\"\r\n"
            + $"\"SHA256\";\"{Upper(A)}\";\"a \"\"b\"\"\"\r\nSHA256;{B};c\r\n",
            "a \"b\"", "c"],
        ["Select-Object Hash | Export-Csv", $"\"Hash\"\n\"{A}\"\n\"{B}\"\n", "", ""],
        ["a heading is no name", $"{A}  x,Hash\n{B}  y;Hash;z\n", "x,Hash", "y;Hash;z"],
    ];

    [TestMethod]
    [DynamicData(nameof(Lists))]
    public async Task A_list_is_read_in_every_encoding(string tool, string list, string first, string second)
    {
        var wanted = $"{A} {first}".TrimEnd() + $"\n{B} {second}".TrimEnd();
        foreach (var marked in new[] { Encoding.UTF8, Encoding.Unicode, Encoding.BigEndianUnicode })
        {
            byte[] bytes = [.. marked.Preamble, .. marked.GetBytes(list)];
            Assert.AreEqual(wanted, await ReadAsync(bytes), $"{tool} {marked.WebName}");
            Assert.AreEqual($"{A}\n{B}", await ReadAsync(bytes, withNames: false), $"{tool} {marked.WebName}");
        }

        Assert.AreEqual(wanted, await ReadAsync(Utf8.GetBytes(list)), tool);
        Assert.AreEqual(wanted, await ReadAsync(Encoding.Unicode.GetBytes(list), encoding: "utf-16"), tool);
        foreach (var local in new[] { "gb18030", "gbk", "big5" })
        {
            var bytes = DigestList.EncodingOf(local).GetBytes(list);
            Assert.AreEqual(wanted, await ReadAsync(bytes, encoding: local), $"{tool} {local}");
            Assert.AreEqual($"{A}\n{B}", await ReadAsync(bytes, withNames: false), $"{tool} {local}");
        }
    }

    [TestMethod]
    public async Task Lists_put_together_are_one_list()
        => Assert.AreEqual($"{A} a\n{B} b\n{A} c", await ReadAsync(Utf8.GetBytes(
            $"{A}  a\n\ufeff%%%% HASHDEEP-1.0\n%%%% size,sha256,filename\n1,{B},b\n\ufeff\"Hash\",\"Path\"\n\"{A}\",\"c\"\n")));

    [TestMethod]
    public async Task What_cannot_be_read_is_named_by_its_line()
    {
        foreach (var (bad, why) in new (string, string)[]
        {
            ($"{A}  a\n{B[..63]}\n", "line 2 "), ($"\n\n{A}\tname", "line 3 "), ($"%%%% HASHDEEP-1.0\n%%%% size,sha1,filename\n", "line 2 of the list says"),
            ($"%%%% HASHDEEP-1.0\n%%%% size,sha256,filename\n1,{A}\n", "line 3 "),
            ($"%%%% HASHDEEP-1.0\n%%%% size,md5,sha256,filename\n1,{A},{Md5},a\n", "line 3 "),
            ($"Algorithm,Hash,Path\nSHA256,{A},a\nSHA512,{A}{B},b\n", "line 3 of the list has the digest of another"), ($"Hash,Path\n{A},\"open\n", "line 2 "),
            ($"Hash,Path\n{A}\n", "line 2 "), ($"\\SHA256 (a\\t) = {A}", "line 1 of the list has an escape"),
            ($"{A}  a\ufffd", "line 1 of the list has a name that is not UTF-8"),
        })
        {
            StringAssert.Contains(await RefusalAsync(bad), why);
        }

        // The bytes of names do not matter to who leaves them out.
        byte[] foreign = [.. Encoding.ASCII.GetBytes(A + "  "), 0xba, 0xcf, 0xcd, 0xac, .. ".pdf\n"u8, .. Encoding.ASCII.GetBytes(B + "  "), 0xff, (byte)'\n'];
        Assert.AreEqual($"{A}\n{B}", await ReadAsync(foreign, withNames: false));
        var refused = await Assert.ThrowsExactlyAsync<CliException>(() => ReadAsync([.. Encoding.ASCII.GetBytes(B + "\n"), .. foreign]));
        StringAssert.Contains(refused.Message, "line 2 of the list has a name that is not UTF-8; --encoding");
        Assert.ThrowsExactly<CliException>(() => DigestList.EncodingOf("utf-7"));
        Assert.ThrowsExactly<CliException>(() => DigestList.EncodingOf(""));
    }

    [TestMethod]
    [DataRow("sha256sum", "--tag")]
    [DataRow("sha256sum", "--binary")]
    [DataRow("openssl", "dgst", "-sha256")]
    public async Task What_the_tools_of_this_machine_print_is_read(string tool, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("notary-lists").FullName;
        string[] names = ["a (1) = b", "back\\slash", "合同.pdf", "Hash"];
        try
        {
            foreach (var name in names)
                await File.WriteAllTextAsync(Path.Combine(folder, name), name);

            using var run = Process.Start(new ProcessStartInfo(tool, [.. arguments, .. names]) { WorkingDirectory = folder, RedirectStandardOutput = true })!;
            using var printed = new MemoryStream();
            await run.StandardOutput.BaseStream.CopyToAsync(printed);
            Assert.AreEqual(string.Join('\n', names.Select(n => $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(n)))} {n}")),
                await ReadAsync(printed.ToArray()));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
