namespace Notary.Pages.Public;

/// <summary>What became of a look into the log.</summary>
public enum EvidenceOutcome
{
    /// <summary>The digest is the log's leaf at the index.</summary>
    Found,

    /// <summary>It is not.</summary>
    NotFound,

    /// <summary>The address asks for nothing that could be looked up.</summary>
    Malformed,

    /// <summary>The address has no index yet.</summary>
    NoIndex,
}
