namespace Notary.Servers;

/// <summary>How a <see cref="TimestampAuthority"/> is set up.</summary>
public sealed class TimestampAuthorityOptions
{
    /// <summary>Part of the certificates' names and of the files' names; two authorities need two.</summary>
    public string Name { get; init; } = "tsa";

    public TestKey Key { get; init; } = TestKey.P256;

    /// <summary>RSASSA-PSS instead of PKCS #1, with an RSA key.</summary>
    public bool Pss { get; init; }

    /// <summary>Where root and certificate are kept (NAME-root.crt/.key, NAME-tsa.crt/.key); null makes new ones each time.</summary>
    public string? Folder { get; init; }

    /// <summary>Dotted; the default lies in the arc that is reserved for examples.</summary>
    public string PolicyOid { get; init; } = "2.999.3161.1";

    /// <summary>The next serial number, two's complement big-endian; null draws 95 random bits.</summary>
    public Func<byte[]>? Serial { get; init; }

    /// <summary>The authority's clock; <see cref="TimestampAuthority.TimeOffset"/> is added to it.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
