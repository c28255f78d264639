namespace Notary.Webhooks;

/// <summary>Every bound of webhooks.</summary>
public static class WebhookLimits
{
    /// <summary>Endpoints of one tenant: each event is written once for each of them, in one transaction of a hundred rows.</summary>
    public const int MaxEndpoints = 20;

    /// <summary>Characters of an endpoint's address: longer ones are refused by common servers.</summary>
    public const int MaxUrl = 2048;

    /// <summary>Characters of a label.</summary>
    public const int MaxLabel = 200;

    /// <summary>Filters of one endpoint: more than there are types.</summary>
    public const int MaxTypes = 50;

    /// <summary>Rows of one page of a list.</summary>
    public const int MaxPage = 100;

    /// <summary>Events one request brings back; the answer says where the rest begins.</summary>
    public const int MaxReplayed = 10_000;

    /// <summary>Secrets that are good at one time: the newest and those whose overlap lasts.</summary>
    public const int MaxSecrets = 3;

    /// <summary>Seconds an old secret may go on: a week, in which anybody can deploy.</summary>
    public const int MaxOverlapSeconds = 7 * 24 * 3600;

    /// <summary>Seconds an old secret goes on when nothing is said.</summary>
    public const int DefaultOverlapSeconds = 24 * 3600;

    /// <summary>Bytes read of an answer: a receiver has nothing to say that is longer, and one without an end would fill us.</summary>
    public const int MaxAnswer = 64 * 1024;

    /// <summary>Bytes of an answer that an attempt keeps.</summary>
    public const int KeptAnswer = 256;

    /// <summary>KiB of an answer's headers.</summary>
    public const int MaxAnswerHeadersKiB = 16;

    /// <summary>How long name, connection and TLS may take.</summary>
    public static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    /// <summary>How long a delivery may take in all.</summary>
    public static readonly TimeSpan TotalTimeout = TimeSpan.FromSeconds(15);

    /// <summary>Deliveries under way to one endpoint that answers.</summary>
    public const int AtOnce = 16;

    /// <summary>Deliveries under way to one endpoint that failed last: it holds few sockets, and a recovery is seen all the same.</summary>
    public const int AtOnceFailing = 2;

    /// <summary>How long events, and attempts to deliver them, are kept: what a partner missed in a month he has missed.</summary>
    public static readonly TimeSpan Keep = TimeSpan.FromDays(30);

    /// <summary>An endpoint at which nothing has arrived for so long is disabled.</summary>
    public static readonly TimeSpan DisableAfter = TimeSpan.FromDays(7);
}
