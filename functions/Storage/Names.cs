using System.Globalization;
using Notary.Evidence;

namespace Notary.Storage;

/// <summary>Every container, table, queue and blob name. No other file spells one.</summary>
/// <remarks>Pure: no I/O, no clock. A blob path holds ids and digests only, never a name that a client chose.</remarks>
public static class Names
{
    /// <summary>Containers.</summary>
    public const string Originals = "originals";
    public const string Log = "log";
    public const string Letters = "letters";
    public const string Tokens = "tokens";
    public const string Uploads = "uploads";

    /// <summary>Tables.</summary>
    public const string Tenants = "tenants";
    public const string ApiKeys = "apikeys";
    public const string Deposits = "deposits";
    public const string Checkpoints = "checkpoints";
    public const string Processes = "processes";
    public const string Chain = "chain";
    public const string Health = "health";

    /// <summary>Queues. A message in <see cref="NudgesQueue"/> says "look now" and carries no work.</summary>
    public const string NudgesQueue = "nudges";

    /// <summary>BlobCreated events of the <see cref="Uploads"/> container, by way of Event Grid.</summary>
    public const string UploadsQueue = "uploads";

    public static IReadOnlyList<string> AllContainers { get; } = [Originals, Log, Letters, Tokens, Uploads];

    public static IReadOnlyList<string> AllTables { get; } = [Tenants, ApiKeys, Deposits, Checkpoints, Processes, Chain, Health];

    public static IReadOnlyList<string> AllQueues { get; } = [NudgesQueue, UploadsQueue, PoisonQueue(NudgesQueue), PoisonQueue(UploadsQueue)];

    /// <summary>Where the Functions host puts a message it gave up on; the suffix is the host's.</summary>
    public static string PoisonQueue(string queue) => queue + "-poison";

    /// <summary>An item's original in <see cref="Originals"/>: <c>id/item</c>.</summary>
    public static string OriginalBlob(DepositId id, int item) => $"{id}/{item.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>A deposit's storage letter in <see cref="Letters"/>.</summary>
    public static string LetterBlob(DepositId id) => $"{id}.pdf";

    /// <summary>A time-stamp token in <see cref="Tokens"/>: by what it covers, then by authority.</summary>
    public static string TokenBlob(Digest over, string authority) => $"{over}/{Digest.Of(System.Text.Encoding.UTF8.GetBytes(authority)).ToString()[..16]}.tsr";

    /// <summary>A large upload in <see cref="Uploads"/>, put there by the client under a create-only signature.</summary>
    public static string UploadBlob(string tenant, DepositId id) => $"{tenant}/{id}";
}
