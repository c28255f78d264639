namespace Notary.Infra.Tests;

/// <summary>The checker finds what it is for: each case is a small file with one mistake planted.</summary>
[TestClass]
public sealed class CheckerTests
{
    private static readonly string[] Published =
    [
        "# made up",
        "Test.Things/things@2025-01-01",
        "  name! string 3..8 /^[a-z]+$/",
        "  location! string",
        "  tags {string}",
        "  properties! Things",
        "  etag-",
        "Things",
        "  size =Small|Large",
        "  count int 1..5",
        "  on bool",
        "  words string[]",
        "  parts Part[]",
        "  rule Rule",
        "  address- string",
        "Part",
        "  name! string",
        "  depth int",
        "Rule by kind",
        "Rule:Red",
        "  kind! =Red",
        "  depth! int",
    ];

    private const string Declared = """
        import { sizeType, shapeType } from 'types.bicep'

        param flag bool
        param word string
        param number int
        @maxValue(9)
        param toNine int
        param size sizeType
        param tags tagsType
        param shapes shapeType[]

        type tagsType = {
          *: string
        }

        var listed = [{ name: 'a', depth: 1 }]
        var misnamed = [{ nam: 'a' }]
        var kinds = [{ word: 'a', number: 1 }]

        resource other 'Test.Things/things@2025-01-01' existing = {
          name: 'other'
        }

        """;

    private const string Types = """
        @export()
        type sizeType = 'Small' | 'Medium'

        @export()
        type shapeType = {
          @minValue(1)
          edges: int
          name: string?
        }
        """;

    private const string Part = """
        import { sizeType, shapeType } from 'types.bicep'

        param size sizeType
        @maxValue(9)
        param number int
        param shapes shapeType[]

        output twice int = 2 * number

        """;

    /// <summary>What stands in the properties of a thing, and what is to be found; nothing when all is well.</summary>
    private static readonly (string Text, string Finding)[] Properties =
    [
        ("size: 'Small', count: 5, on: flag, words: ['a', word], parts: listed, rule: { kind: 'Red', depth: 1 }", ""),
        ("on: !flag, count: flag ? 1 : length(shapes), words: split(word, ','), parts: [for s in shapes: { name: s.?name ?? '', depth: s.edges }]", ""),
        ("words: [other.properties.address, other.id, subscription().id], parts: map(kinds, k => { name: k.word, depth: 2 * number })", ""),
        ("parts: [union({ name: 'a' }, flag ? { depth: 1 } : {})]", ""),
        ("colour: 1", "properties.colour is unknown"),
        ("address: 'x'", "properties.address is read-only"),
        ("size: 'Tiny'", "properties.size is Tiny"),
        ("size: size", "may be Medium, which is none of Small | Large"),
        ("size: word", "thing.properties.size = word"),
        ("count: 6", "properties.count is 6"),
        ("count: toNine", "may be ..9, which is more than 1..5"),
        ("count: '1'", "properties.count is 1, which is no number"),
        ("count: word", "properties.count is text, not number"),
        ("count: flag ? 1 : word", "properties.count is text, not number"),
        ("on: 'true'", "properties.on is true, which is no true or false"),
        ("words: 'a'", "properties.words is a, which is no list of text"),
        ("words: [1]", "properties.words[0] is 1, which is no text"),
        ("words: range(0, 2)", "properties.words[] is number, not text"),
        ("words: concat(['a'], flag ? [2] : [])", "properties.words[0] is 2"),
        ("parts: { name: 'a' }", "properties.parts is an object, not list of Part"),
        ("parts: misnamed", "parts[0].nam is unknown to Part"),
        ("parts: misnamed", "parts[0] lacks name, which Part demands"),
        ("parts: [for s in shapes: { name: s.edges }]", "parts[].name is number, not text"),
        ("parts: [for k in kinds: { name: k.number }]", "parts[].name is 1, which is no text"),
        ("parts: map(kinds, k => { name: k.word, dept: 1 })", "parts[].dept is unknown"),
        ("parts: [union({ name: 'a' }, flag ? { dept: 1 } : {})]", "parts[0].dept is unknown"),
        ("parts: [union({ depth: 1 }, flag ? { name: 'a' } : {})]", "parts[0] lacks name"),
        ("rule: { kind: 'Blue', depth: 1 }", "rule.kind is Blue, which Rule does not allow"),
        ("rule: { depth: 1 }", "rule does not tell its kind"),
        ("rule: { kind: 'Red' }", "rule lacks depth"),
        ("words: [made(word)]", "thing.properties.words[0] = made(word)"),
        ("words: [other.properties.elsewhere]", "thing.properties.words[0]"),
    ];

    /// <summary>Whole declarations.</summary>
    private static readonly (string Text, string Finding)[] Declarations =
    [
        ("resource thing 'Test.Things/things@2025-02-02' = {\n  name: 'thing'\n}\n", "of which Types/ says nothing"),
        ("resource thing 'Test.Things/things@2025-01-01' = {\n  name: 'thing'\n  location: word\n}\n", "thing lacks properties"),
        ("resource thing 'Test.Things/things@2025-01-01' = if (flag) {\n  name: 'Thing 1'\n  location: word\n  properties: {}\n}\n", "thing.name is Thing 1, which is no text like"),
        ("resource thing 'Test.Things/things@2025-01-01' existing = {\n  name: 'th'\n}\n", "thing.name is th, which is no text"),
        ("resource thing 'Test.Things/things@2025-01-01' = [\n  for k in kinds: {\n    parent: other\n    name: 'thing'\n    location: k.number\n    properties: {}\n  }\n]\n", "thing.location is 1, which is no text"),
        ("resource thing 'Test.Things/things@2025-01-01' = {\n  name: 'thing'\n  location: word\n  tags: { a: 1 }\n  properties: {}\n}\n", "thing.tags.a is 1, which is no text"),
        ("module part 'part.bicep' = {\n  params: { size: 'Huge' }\n}\n", "part.size is Huge"),
        ("module part 'part.bicep' = {\n  params: { number: 'a' }\n}\n", "part.number is a, which is no number"),
        ("module part 'part.bicep' = {\n  params: { number: 10 }\n}\n", "part.number is 10, which is no number"),
        ("module part 'part.bicep' = if (flag) {\n  params: { shapes: [{ edges: 0 }] }\n}\n", "part.shapes[0].edges is 0, which is no number"),
        ("module part 'part.bicep' = {\n  params: { shapes: [{ edges: 1, colour: 2 }] }\n}\n", "part.shapes[0].colour is unknown to shapeType"),
        ("module part 'part.bicep' = [\n  for k in kinds: {\n    params: { shapes: [{ name: k.word }] }\n  }\n]\n", "part.shapes[0] lacks edges, which shapeType demands"),
        ("module part 'part.bicep' = {\n  params: { shapes: shapes, size: size, number: toNine }\n}\n", ""),
        ("module part 'part.bicep' = {\n  params: { shapes: shapes[0] }\n}\n", "part.shapes is shapeType, not list of shapeType"),
        ("module part 'part.bicep' = {\n  name: 'part'\n}\n\noutput o string = part.outputs.twice\n", "output o is number, not text"),
        ("output o shapeType = { edges: 1, name: flag }\n", "output o.name is true or false, not text"),
    ];

    private static readonly (string Text, string Finding)[] Cases =
    [
        .. Properties.Select(p => ($"resource thing 'Test.Things/things@2025-01-01' = {{\n  name: 'thing'\n  location: word\n  tags: union(tags, {{ a: 'b' }})\n  properties: {{ {p.Text} }}\n}}\n", p.Finding)),
        .. Declarations,
    ];

    /// <summary>Every case in a folder of its own, all read at once.</summary>
    private static readonly Lazy<IReadOnlyList<Template>> Files = new(() =>
    {
        var folder = Directory.CreateTempSubdirectory("infra-checker");
        try
        {
            foreach (var (one, i) in Cases.Select((c, i) => (c, i)))
            {
                var home = folder.CreateSubdirectory($"{i}").FullName;
                File.WriteAllText(Path.Combine(home, "main.bicep"), Declared + one.Text);
                File.WriteAllText(Path.Combine(home, "types.bicep"), Types);
                File.WriteAllText(Path.Combine(home, "part.bicep"), Part);
            }

            return Templates.Read(folder.FullName);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    });

    public static IEnumerable<object[]> Numbers => Cases.Select((c, i) => new object[] { i, c.Finding });

    [TestMethod]
    [DynamicData(nameof(Numbers))]
    public void APlantedMistakeIsFound(int number, string finding)
    {
        Template[] files = [.. Files.Value.Where(t => t.Path.StartsWith($"{number}/", StringComparison.Ordinal))];
        TemplateTests.Pass(Rules.Syntax(files));
        var checker = new Checker(files, Facts.Types(Facts.Read(Published)).ToDictionary(t => t.Name));
        checker.Resources();
        checker.Modules();
        checker.Outputs();
        string[] findings = [.. checker.Findings, .. checker.NotFollowed.Select(n => "not followed: " + n)];
        if (finding.Length == 0)
        {
            TemplateTests.Pass(findings);
            return;
        }

        Assert.IsTrue(findings.Any(f => f.Contains(finding, StringComparison.Ordinal)), $"{Cases[number].Text}: expected “{finding}”, found: {string.Join('\n', findings)}");
    }
}
