namespace Notary.Evidence;

/// <summary>The lines of a signed note.</summary>
internal sealed record NoteText(string Body, IReadOnlyList<NoteText.Line> Signatures)
{
    internal readonly record struct Line(string KeyName, byte[] KeyId, byte[] Signature);

    public static bool IsKeyName(string name) => name.Length > 0 && !name.Any(c => char.IsWhiteSpace(c) || c == '+' || char.IsControl(c));

    public static bool TryParse(string note, out NoteText parsed)
    {
        parsed = new NoteText("", []);

        // The text is separated from the signatures by the note's last empty line.
        var split = note.LastIndexOf("\n\n", StringComparison.Ordinal);
        if (split < 0 || note.Length > SignedNote.MaxBytes || !note.EndsWith('\n') || note.Any(c => c < ' ' && c != '\n') || note.Contains('\ufffd'))
            return false;

        var lines = new List<Line>();
        foreach (var line in note[(split + 2)..].TrimEnd('\n').Split('\n'))
        {
            if (!line.StartsWith("— ", StringComparison.Ordinal) || line.LastIndexOf(' ') is var space && space < 3)
                return false;

            var name = line[2..space];
            if (!IsKeyName(name) || !Base64.TryDecode(line[(space + 1)..], out var bytes) || bytes.Length <= SignedNote.KeyIdBytes)
                return false;

            lines.Add(new Line(name, bytes[..SignedNote.KeyIdBytes], bytes[SignedNote.KeyIdBytes..]));
        }

        parsed = new NoteText(note[..(split + 1)], lines);
        return true;
    }
}
