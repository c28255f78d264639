namespace Notary.Storage;

/// <summary>Every container, table, queue and blob name. No other file spells one.</summary>
/// <remarks>Pure: no I/O, no clock. A blob path holds ids and digests only, never a name that a client chose.</remarks>
public static class Names
{
    /// <summary>Containers.</summary>
    public const string Originals = "originals";
    public const string Log = "log";
    public const string Letters = "letters";
    /// <summary>What is written more than once and so cannot live under <see cref="Log"/>'s retention policy: stages and the newest checkpoint.</summary>
    public const string Staging = "staging";
    public const string Uploads = "uploads";
    /// <summary>The login centre's: its secrets and the data-protection keys, all wrapped by the vault, and which signing keys are published.</summary>
    public const string Identity = "identity";
    /// <summary>Files of draws: public lists, results, bundles. Each is written once, under a name of its own, and named by its draw's row.</summary>
    public const string DrawFiles = "draws";
    /// <summary>Recordings of desktops, while they are made: encrypted like originals, deleted when they are deposited.</summary>
    public const string Recordings = "recordings";

    /// <summary>Batches: lines, tree and indexes of each.</summary>
    public const string Batches = "batches";

    /// <summary>Tables.</summary>
    public const string Tenants = "tenants";
    public const string ApiKeys = "apikeys";
    public const string Deposits = "deposits";
    public const string Checkpoints = "checkpoints";
    public const string Chain = "chain";
    public const string People = "people";
    public const string Clients = "clients";
    public const string Grants = "grants";
    public const string Consents = "consents";

    /// <summary>Draws with their objections and approvals, and the keys that notaries approve with.</summary>
    public const string Draws = "draws";

    /// <summary>Recorded desktops: sessions, the heads of their chains, and what each tenant has running.</summary>
    public const string Sessions = "sessions";

    /// <summary>Endpoints of tenants, the events they are told, what waits to be delivered, and each attempt.</summary>
    public const string Webhooks = "webhooks";

    /// <summary>What tenants have used, by day and instance, and what each instance has just let in.</summary>
    public const string Usage = "usage";

    /// <summary>What became of the dependencies, and what staff did to processes.</summary>
    public const string Operations = "operations";

    /// <summary>What the office's staff has seen and done, one row for each entry.</summary>
    public const string Trail = "trail";

    /// <summary>Prefix of the task hub's tables, queues and containers, which Durable Task makes itself.</summary>
    public const string TaskHub = "notary";

    /// <summary>The task hub's table of instances.</summary>
    public const string TaskHubInstances = TaskHub + "Instances";

    /// <summary>The task hub's queues: work, and one for each partition.</summary>
    public static IReadOnlyList<string> TaskHubQueues(int partitions)
        => [$"{TaskHub}-workitems", .. Enumerable.Range(0, partitions).Select(n => $"{TaskHub}-control-{n.ToString("D2", CultureInfo.InvariantCulture)}")];

    /// <summary>The queue: BlobCreated events of the <see cref="Uploads"/> container, by way of Event Grid.</summary>
    public const string UploadsQueue = "uploads";

    public static IReadOnlyList<string> AllContainers { get; } = [Originals, Log, Staging, Letters, Uploads, Identity, DrawFiles, Recordings, Batches];

    public static IReadOnlyList<string> AllTables { get; } =
        [Tenants, ApiKeys, Deposits, Checkpoints, Chain, People, Clients, Grants, Consents, Trail, Operations, Draws, Sessions, Webhooks, Usage];

    public static IReadOnlyList<string> AllQueues { get; } = [UploadsQueue, PoisonQueue(UploadsQueue)];

    /// <summary>Where the Functions host puts a message it gave up on; the suffix is the host's.</summary>
    public static string PoisonQueue(string queue) => queue + "-poison";

    /// <summary>An item's original in <see cref="Originals"/>: <c>id/item</c>.</summary>
    public static string OriginalBlob(DepositId id, int item) => $"{id}/{item.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>A batch's file of items in <see cref="Batches"/>.</summary>
    public static string BatchItems(DepositId id) => $"{id}/items";

    /// <summary>Its tree and the offsets of its lines.</summary>
    public static string BatchTree(DepositId id) => $"{id}/tree";

    /// <summary>Its items by digest.</summary>
    public static string BatchDigests(DepositId id) => $"{id}/digests";

    /// <summary>Its items by the partner's reference.</summary>
    public static string BatchReferences(DepositId id) => $"{id}/references";

    /// <summary>A deposit's storage letter in <see cref="Letters"/>. Another block means another letter: a reorganisation changes what it says.</summary>
    public static string LetterBlob(DepositId id, string blockHash) => $"{id}/{blockHash}.pdf";

    /// <summary>Where remote forensics letters lie in <see cref="Letters"/>.</summary>
    public const string RecordingLetterPrefix = "recordings/";

    /// <summary>A session's remote forensics letter in <see cref="Letters"/>: one, written once.</summary>
    public static string RecordingLetterBlob(DepositId session) => $"{RecordingLetterPrefix}{session}.pdf";

    /// <summary>Where stages lie in <see cref="Staging"/>.</summary>
    public const string StagePrefix = "stage/";

    /// <summary>Everything one batch publishes, in <see cref="Staging"/>.</summary>
    public static string StageBlob(long size, Guid writer) => $"{StagePrefix}{size.ToString("D20", CultureInfo.InvariantCulture)}-{writer:N}";

    /// <summary>The newest checkpoint in <see cref="Staging"/>, and its public path under the log.</summary>
    public const string CheckpointBlob = "checkpoint";

    /// <summary>A large upload in <see cref="Uploads"/>, put there by the client under a signature for it alone.</summary>
    public static string UploadBlob(string tenant, DepositId id) => $"{tenant}/{id}";

    /// <summary>What the login centre's secrets are derived from, in <see cref="Identity"/>.</summary>
    public const string LoginSecretsBlob = "secrets.json";

    /// <summary>Which versions of a signing key have been seen and when, in <see cref="Identity"/>.</summary>
    public static string SigningKeysBlob(string keyName) => $"signing/{keyName}.json";

    /// <summary>Where data-protection keys lie in <see cref="Identity"/>.</summary>
    public const string ProtectionPrefix = "protection/";

    /// <summary>Where the files of a draw lie in <see cref="DrawFiles"/>.</summary>
    public static string DrawPrefix(Digest drawId) => $"{drawId}/";

    /// <summary>One of them.</summary>
    public static string DrawBlob(Digest drawId, Guid writer) => $"{DrawPrefix(drawId)}{writer:N}";

    /// <summary>Where a session's recording lies in <see cref="Recordings"/>.</summary>
    public static string RecordingPrefix(DepositId session) => $"{session}/";

    /// <summary>One of its files, by a name of the recording's format.</summary>
    public static string RecordingBlob(DepositId session, string name) => $"{RecordingPrefix(session)}{name}";

    /// <summary>A file on its way to a desktop elsewhere, beside its recording. No file of a recording has such a name.</summary>
    public static string UploadOf(string file) => UploadsOfSession + file;

    /// <summary>Where they lie.</summary>
    public const string UploadsOfSession = "uploads/";

    /// <summary>What all of it is encrypted under, wrapped by the vault's key. No file of a recording has such a name.</summary>
    public static string RecordingKey(DepositId session) => RecordingBlob(session, "key");

    /// <summary>Where the pieces of its chain lie: it grows, and blobs of ours do not.</summary>
    public static string RecordingPieces(DepositId session) => RecordingBlob(session, "chain/");

    /// <summary>The piece that begins at a byte of the chain: of two that would, one is first.</summary>
    public static string RecordingPiece(DepositId session, long offset)
        => RecordingPieces(session) + offset.ToString("D10", CultureInfo.InvariantCulture);
}
