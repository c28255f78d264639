using System.Diagnostics;
using System.Text.Json;
using Notary.Servers;

namespace Notary.Infra.Tests;

/// <summary>One Bicep or parameter file as parse.mjs read it. Members that a kind of file has not are null.</summary>
public sealed record Template(
    string Path, IReadOnlyList<SyntaxError> Errors, string? Scope, IReadOnlyList<Import>? Imports,
    IReadOnlyDictionary<string, TypeShape>? Types, IReadOnlyDictionary<string, Variable>? Variables,
    IReadOnlyDictionary<string, Parameter>? Parameters, IReadOnlyDictionary<string, Output>? Outputs,
    IReadOnlyList<Resource>? Resources, IReadOnlyList<Module>? Modules, IReadOnlyList<ModuleOutput>? ModuleOutputs,
    IReadOnlyList<string>? Locals, IReadOnlyList<Use>? Used, IReadOnlyList<string>? Calls,
    IReadOnlyList<string>? Strings, IReadOnlyList<string>? Keys,
    string? Using, IReadOnlyDictionary<string, JsonElement>? Values);

public sealed record SyntaxError(int Line, int Column, string Text);

public sealed record Import(string From, IReadOnlyList<string> Names);

/// <param name="Members">Of an object type; null for a union or an alias.</param>
/// <param name="Any">The type takes names that it does not list.</param>
public sealed record TypeShape(bool Exported, bool Described, IReadOnlyDictionary<string, Member>? Members, bool Any, string Text);

/// <param name="Min">Least: of a number its value, of a text or list its length.</param>
public sealed record Member(string Type, bool Optional, long? Min, long? Max);

public sealed record Variable(bool Exported, bool Described, JsonElement Value);

public sealed record Parameter(string Type, bool Described, bool Secure, bool Required, string? Value, long? Min, long? Max);

public sealed record Output(string Type, bool Described, bool Secure, string Text, IReadOnlyList<string> Calls, JsonElement Value);

public sealed record Resource(string Symbol, string Type, string? ApiVersion, bool Nested, bool Existing, string Text, IReadOnlyList<string> Properties, JsonElement Body);

public sealed record Module(string Symbol, string Path, string? Name, string? Scope, IReadOnlyDictionary<string, string> Params, JsonElement Body);

public sealed record ModuleOutput(string Module, string Output, int Line);

public sealed record Use(string Name, int Line);

/// <summary>All of infra/, read once.</summary>
public static class Templates
{
    public static string Folder { get; } = System.IO.Path.Combine(Repository.Root, "infra");

    private static readonly Lazy<IReadOnlyList<Template>> Files = new(() => Read(Folder));

    public static IReadOnlyList<Template> All => Files.Value;

    public static IReadOnlyList<Template> Bicep => [.. All.Where(t => t.Using is null && !t.Path.EndsWith("param", StringComparison.Ordinal))];

    public static IReadOnlyList<Template> ParameterFiles => [.. All.Where(t => t.Path.EndsWith("param", StringComparison.Ordinal))];

    public static Template Named(string path) => All.Single(t => t.Path == path);

    /// <summary>The file that <paramref name="path"/>, written in <paramref name="from"/>, leads to; null when there is none.</summary>
    public static Template? Resolve(IReadOnlyList<Template> all, Template from, string path)
    {
        var whole = System.IO.Path.GetRelativePath("/", System.IO.Path.GetFullPath(System.IO.Path.Combine("/", System.IO.Path.GetDirectoryName(from.Path) ?? "", path)));
        return all.SingleOrDefault(t => t.Path == whole.Replace('\\', '/'));
    }

    public static string Text(string path) => File.ReadAllText(System.IO.Path.Combine(Folder, path));

    public static IReadOnlyList<Template> Read(string folder)
    {
        var start = new ProcessStartInfo("node", [System.IO.Path.Combine(Repository.Root, "tests", "Infra", "parse.mjs"), folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var node = Process.Start(start)!;
        var errors = node.StandardError.ReadToEndAsync();
        var json = node.StandardOutput.ReadToEnd();
        node.WaitForExit();
        Assert.AreEqual(0, node.ExitCode, errors.GetAwaiter().GetResult());
        return JsonSerializer.Deserialize<IReadOnlyList<Template>>(json, JsonSerializerOptions.Web)!;
    }
}
