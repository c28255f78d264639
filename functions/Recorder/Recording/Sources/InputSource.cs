namespace Notary.Recorder.Recording.Sources;

/// <summary>Pointer and keys, from the X server itself (<c>xinput</c>): that a key went down or up, and never which, since passwords are typed.</summary>
/// <remarks>Where a pointer moves is told ten times a second at most; where it presses, always.</remarks>
internal sealed class InputSource(IReadOnlyDictionary<string, string> environment) : IEventSource
{
    private static readonly TimeSpan BetweenMoves = TimeSpan.FromMilliseconds(100);

    private (int X, int Y) place;
    private long moved;

    public string Name => "input";

    public async Task RunAsync(Action<string, JsonObject> emit, CancellationToken cancel)
    {
        var type = "";
        await foreach (var line in Lines.OfAsync("xinput", ["test-xi2", "--root"], environment, cancel))
        {
            var text = line.AsSpan().Trim();
            if (text.StartsWith("EVENT type"))
            {
                type = line[(line.IndexOf('(', StringComparison.Ordinal) + 1)..].TrimEnd(')');
                if (type is "RawKeyPress" or "RawKeyRelease")
                    emit("key", new JsonObject { ["down"] = type == "RawKeyPress" });
            }
            else if (type is "RawButtonPress" or "RawButtonRelease" && text.StartsWith("detail: ")
                && int.TryParse(text[8..], CultureInfo.InvariantCulture, out var button))
            {
                emit("pointer", At(("button", button), ("down", type == "RawButtonPress")));
            }
            else if (type == "RawMotion" && Valuator(text) is var (axis, value))
            {
                place = axis == 0 ? (value, place.Y) : (place.X, value);
                if (axis == 1 && Stopwatch.GetElapsedTime(moved) >= BetweenMoves)
                {
                    moved = Stopwatch.GetTimestamp();
                    emit("pointer", At());
                }
            }
        }
    }

    // "0: 200.00 (200.00)": of the remote pointer, raw values are places on the screen.
    private static (int Axis, int Value)? Valuator(ReadOnlySpan<char> text)
        => text.Length > 3 && text[0] is '0' or '1' && text[1] == ':' && text[3..].IndexOf(' ') is > 0 and var end
            && double.TryParse(text.Slice(3, end), NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && Math.Abs(value) < 100_000
            ? (text[0] - '0', (int)value) : null;

    private JsonObject At(params ReadOnlySpan<(string Name, JsonNode Value)> more)
    {
        var members = new JsonObject { ["x"] = place.X, ["y"] = place.Y };
        foreach (var (name, value) in more)
            members[name] = value;

        return members;
    }
}
