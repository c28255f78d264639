namespace Notary.Verification.Letters;

public sealed partial record LetterFacts
{
    /// <summary>Whether the office is called what the trust file calls it, as far as either knows.</summary>
    public bool IsOf(LetterIssuer? issuer)
        => issuer is null || (Office == issuer.Office && (Parties is null || issuer.ShortName is null || Parties.ShortName == issuer.ShortName));

    /// <summary>Whether the letter states these valid tokens, each once, in any order, and calls their authorities what the trust file calls them;
    /// where that says nothing, each of them by one name.</summary>
    public bool States(IReadOnlyCollection<(string Authority, string Over, TokenCheck Check)> tokens, TrustRoots trust)
    {
        var names = trust.Authorities.ToDictionary(a => a.Name, a => a.LegalName, StringComparer.Ordinal);
        return Times.Count == tokens.Count && Times.ToHashSet().SetEquals(tokens.Select(t => LetterTime.Of(t.Authority, t.Over, t.Check,
            Parties is null ? null : names.GetValueOrDefault(t.Authority) ?? Times.FirstOrDefault(said => said.Authority == t.Authority)?.By?.LegalName)));
    }
}
