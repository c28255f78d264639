using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;
using Notary.Verification.Ethereum;

namespace Notary.Chain.Tests;

/// <summary>Who writes and who judges share notations and no code that hashes, encodes or computes (docs/decisions/0010).</summary>
[TestClass]
public sealed class SharedCodeTests
{
    /// <summary>The explorer writes nothing: it reads as any outsider does, by the judge's notations.</summary>
    private const string Reader = "Notary.Chain.Explorer";

    private static readonly Dictionary<int, OpCode> Codes =
        typeof(OpCodes).GetFields().Select(f => (OpCode)f.GetValue(null)!).ToDictionary(c => c.Value & 0xffff);

    [TestMethod]
    public void The_writer_uses_none_of_the_judges_cryptography_and_encodings()
    {
        using var file = new PEReader(File.OpenRead(typeof(AnchorSender).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var used = metadata.MethodDefinitions.Select(metadata.GetMethodDefinition)
            .Where(m => m.RelativeVirtualAddress != 0 && NamespaceOf(metadata, m.GetDeclaringType()) != Reader)
            .SelectMany(m => Tokens(file.GetMethodBody(m.RelativeVirtualAddress).GetILBytes()!))
            .Select(token => Owner(metadata, MetadataTokens.EntityHandle(token))).Where(h => h is not null)
            .Select(h => metadata.GetTypeReference((TypeReferenceHandle)h!.Value))
            .Where(t => metadata.GetString(t.Namespace) == typeof(Address).Namespace)
            .Select(t => metadata.GetString(t.Name)).Distinct().Order(StringComparer.Ordinal).ToArray();
        CollectionAssert.AreEqual(new[] { nameof(Address), nameof(AnchorProof), nameof(Hex) }, used, string.Join(' ', used));
    }

    private static string NamespaceOf(MetadataReader metadata, TypeDefinitionHandle handle)
    {
        var type = metadata.GetTypeDefinition(handle);
        return type.GetDeclaringType() is { IsNil: false } outer ? NamespaceOf(metadata, outer) : metadata.GetString(type.Namespace);
    }

    private static EntityHandle? Owner(MetadataReader metadata, EntityHandle handle) => handle.Kind switch
    {
        HandleKind.TypeReference => handle,
        HandleKind.MemberReference => Owner(metadata, metadata.GetMemberReference((MemberReferenceHandle)handle).Parent),
        HandleKind.MethodSpecification => Owner(metadata, metadata.GetMethodSpecification((MethodSpecificationHandle)handle).Method),
        _ => null,
    };

    /// <summary>What a method's code calls, reads, writes or names (ECMA-335, partition III).</summary>
    private static IEnumerable<int> Tokens(byte[] code)
    {
        for (var at = 0; at < code.Length;)
        {
            var op = Codes[code[at] == 0xfe ? 0xfe00 | code[at + 1] : code[at]];
            at += op.Size;
            if (op.OperandType is OperandType.InlineMethod or OperandType.InlineField or OperandType.InlineType or OperandType.InlineTok)
                yield return BitConverter.ToInt32(code, at);

            at += op.OperandType switch
            {
                OperandType.InlineNone => 0,
                OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
                OperandType.InlineVar => 2,
                OperandType.InlineI8 or OperandType.InlineR => 8,
                OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32(code, at)),
                _ => 4,
            };
        }
    }

    [TestMethod]
    public void The_judge_needs_none_of_the_writers_packages()
    {
        foreach (var judge in new[] { typeof(Address).Assembly, typeof(AnchorVerifier).Assembly })
        {
            var foreign = judge.GetReferencedAssemblies().Select(a => a.Name!)
                .Where(name => !name.StartsWith("System.", StringComparison.Ordinal) && !name.StartsWith("Notary.", StringComparison.Ordinal));
            Assert.AreEqual("", string.Join(' ', foreign), judge.FullName);
        }
    }
}
