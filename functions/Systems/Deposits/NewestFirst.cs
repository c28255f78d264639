using System.Collections.Concurrent;

namespace Notary.Deposits;

/// <summary>Reads a tenant's deposits from the newest backwards, though tables answer in ascending order alone.</summary>
/// <remarks>
/// Ids sort by time, so what lies below a place is a band of ids. How wide a band must be for one page is known from the page
/// before, which tells it in its continuation: mostly one query a page, at any depth. A band that holds too many is narrowed by
/// what its oldest rows tell, from above as long as they come evenly, else from below in growing steps; one that holds too few is followed
/// by the next. Where a tenant's first page ended is remembered, for that is the one looked at most. No second row for each
/// deposit, and those of earlier releases are found too.
/// </remarks>
internal sealed class NewestFirst(DepositTable table, TimeProvider clock)
{
    /// <summary>Bits of an id below its milliseconds (RFC 9562 §5.7).</summary>
    private const int BitsBelowTime = 80;

    /// <summary>Everything: what few tenants' deposits are found in at once.</summary>
    private static readonly UInt128 Whole = UInt128.MaxValue / 2;

    /// <summary>Growth of steps from below.</summary>
    private const int Growth = 4;

    /// <summary>A band is to hold the page and a fifth more: the next place must be known, and deposits come unevenly.</summary>
    private const double Margin = 1.2;

    /// <summary>Rows read of one band, in pages: past that it is too wide.</summary>
    private const int MostPages = 2;

    /// <summary>But so many at least: few rows say little of how close together they come.</summary>
    private const int LeastMost = 64;

    // Some hundred bytes each; past this it remembers anew.
    private const int MaxEnds = 10_000;

    /// <summary>By tenant and rows of a page, the row after the first page: a hint of where to begin, whatever has come since.</summary>
    private readonly ConcurrentDictionary<(string Tenant, int Limit), UInt128> ends = new();

    /// <summary>Where the next band begins: where the first page ended lately, a width below the place, a step above what is known, or right there.</summary>
    private enum Look
    {
        FromEnd,
        FromAbove,
        FromBelow,
        Rest,
    }

    /// <summary>Deposits below <paramref name="place"/>, newest first, and where the page after them begins; null when there is none.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="since">None received before; to the millisecond.</param>
    /// <param name="place">Where the page before ended.</param>
    /// <param name="limit">Rows of a page.</param>
    /// <param name="cancel">Stops.</param>
    public async Task<(IReadOnlyList<DepositRow> Rows, NewestPlace? Next)> ReadAsync(
        string tenant, DateTimeOffset? since, NewestPlace? place, int limit, CancellationToken cancel)
    {
        var floor = since is { } time ? Value(time) : UInt128.Zero;
        var high = place?.Before ?? UInt128.MaxValue;
        var width = place?.Width ?? Whole;

        // Nothing is from the future, but for what a clock ahead of ours has received: no higher than this, or the newest that was seen.
        var ceiling = Value(clock.GetUtcNow());
        if (place is not null && place.Width < Whole)
            ceiling = UInt128.Max(ceiling, high);

        var most = Math.Max(MostPages * limit, LeastMost);
        var found = new List<DepositRow>();

        // Below this place rows are known to be, and how far apart so many of them lie.
        var (known, span, look) = (floor, UInt128.Zero, Look.FromAbove);
        var end = UInt128.Zero;
        if (place is null && ends.TryGetValue((tenant, limit), out end) && end > floor)
            look = Look.FromEnd;

        while (high > floor && found.Count <= limit)
        {
            var top = UInt128.Max(UInt128.Min(high, ceiling), known + 1);
            var low = look switch
            {
                Look.FromEnd => UInt128.Min(end, top - 1),
                Look.FromAbove when top - known > width => top - width,
                Look.FromBelow => UInt128.Min(known + span, top - UInt128.Max((top - known) / 2, UInt128.One)),
                _ => known,
            };
            var band = await table.BandAsync(tenant, Text(low), high == UInt128.MaxValue ? null : Text(high), most, cancel).ConfigureAwait(false);
            if (band.Count > 0)
                ceiling = UInt128.Max(ceiling, Value(band[^1].Id) + 1);

            if (band.Count > most)
            {
                var (first, last) = (Value(band[0].Id), Value(band[^1].Id));
                span = look == Look.FromBelow ? UInt128.Max(Scale(span, Growth), last - first) : last - first;
                look = look is Look.FromAbove or Look.FromEnd ? Look.FromAbove : Look.FromBelow;
                known = last + 1;
                width = Scale(last - first, limit * Margin / band.Count);
                continue;
            }

            found.AddRange(band.Reverse());
            if (band.Count > 0)
                width = Scale(UInt128.Min(high, ceiling) - low, limit * Margin / band.Count);

            (known, look) = low <= known ? (floor, Look.FromAbove)
                : (known, band.Count > 0 ? Look.FromAbove : look == Look.FromBelow ? Look.Rest : Look.FromBelow);
            high = low;
        }

        if (place is null && found.Count > limit)
        {
            if (ends.Count >= MaxEnds)
                ends.Clear();

            ends[(tenant, limit)] = Value(found[limit].Id);
        }

        return found.Count > limit ? (found[..limit], new NewestPlace(Value(found[limit - 1].Id), width)) : (found, null);
    }

    /// <summary>The first id of a millisecond.</summary>
    public static UInt128 Value(DateTimeOffset time) => (UInt128)Math.Max(time.ToUnixTimeMilliseconds(), 0) << BitsBelowTime;

    private static UInt128 Value(DepositId id)
        => UInt128.Parse(id.ToString().Replace("-", "", StringComparison.Ordinal), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);

    /// <summary>As an id is written, though it need not be one.</summary>
    private static string Text(UInt128 value) => new Guid(value.ToString("x32", CultureInfo.InvariantCulture)).ToString("D");

    private static UInt128 Scale(UInt128 width, double by)
        => UInt128.Clamp((UInt128)Math.Min((double)width * by, (double)(Whole - 1)), UInt128.One, Whole);
}

/// <summary>Where a page that goes backwards ends, and how wide a band of ids the next one takes.</summary>
internal sealed record NewestPlace(UInt128 Before, UInt128 Width)
{
    /// <summary>Below a time, with nothing known of how many there are.</summary>
    public static NewestPlace At(DateTimeOffset time) => new(NewestFirst.Value(time), UInt128.MaxValue / 2);

    /// <summary>Two numbers of 32 hexadecimal digits each.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Before:x32}{Width:x32}");

    /// <exception cref="FaultException"><see cref="Fault.Malformed"/>: not one that a page gave.</exception>
    public static NewestPlace? Read(string? text)
    {
        if (text is null)
            return null;

        return text.Length == 64 && Number(text[..32], out var before) && Number(text[32..], out var width) && width > UInt128.Zero
            ? new NewestPlace(before, width)
            : throw new FaultException(Fault.Malformed, "the continuation is not one that a page gave");
    }

    private static bool Number(string text, out UInt128 value)
        => UInt128.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);
}
