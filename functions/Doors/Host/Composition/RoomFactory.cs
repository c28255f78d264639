using Notary.Keys;
using Notary.Letters;
using Notary.Verification.Letters;

namespace Notary.Host.Composition;

/// <summary>Builds the rooms that stand on the vault's keys.</summary>
internal sealed class RoomFactory(
    HostSettings settings, StorageAccount storage, KeyClient vault, ChainClient chain, ChainOptions chainOptions, TimeAuthorities authorities,
    RevocationSource revocations, DurableDoor door, PublicLog log, TimeProvider clock, ILoggerFactory logs)
{
    /// <summary>Asks the vault for the public halves and puts everything together. Safe to repeat after a failure.</summary>
    /// <exception cref="SettingException">The letters' certificate is for another key than the vault's.</exception>
    public async Task<OpenRooms> OpenAsync(CancellationToken cancel)
    {
        var opening = VaultKeyEncryption.OpenAsync(vault, settings.Vault.WrapKey, cancel);
        string[] names = [settings.Vault.LogKey, settings.Vault.LetterKey, settings.Vault.ChainKey];
        var signers = await Task.WhenAll(names.Select(name => VaultSigner.OpenAsync(vault, name, cancel)));
        var (logSigner, letterSigner, chainSigner, encryption) = (signers[0], signers[1], signers[2], await opening);
        var issuer = DemandCertificate(letterSigner);

        var deposits = Deposits(issuer);
        var sender = new AnchorSender(chain, ChainSigner.FromSpki(chainSigner.PublicKeySpki, chainSigner.SignAsync), storage.Table(Names.Chain), chainOptions);
        var trust = Trust(logSigner, sender, issuer);
        var starter = new OrchestrationStarter(storage, door);
        var sequencer = new Sequencer(storage, logSigner, starter, deposits, clock, logs.CreateLogger<Sequencer>());
        var heads = new ChainHeads(chain, settings.Chain.Confirmations, clock, logs.CreateLogger<ChainHeads>());
        var files = new EvidenceFiles(storage, log, trust, deposits, clock);
        var service = new DepositService(storage, new OriginalStore(storage, encryption, encryption),
            heads, sequencer, new Coverage(storage, clock), files, starter, deposits, clock);
        var uploads = new Uploads(storage, service, clock, logs.CreateLogger<Uploads>());
        var housekeeper = new Housekeeper(storage, door, settings.Housekeeping, logs.CreateLogger<Housekeeper>());
        var signer = new LetterSigner(settings.Office.LetterChain, letterSigner.SignAsync,
            async (imprint, token) => (await authorities.StampOneAsync(imprint, token)).Token);
        var keeper = new Keeper(storage, starter, door, logs.CreateLogger<Keeper>());
        var archiving = new LetterArchiving(new LetterVerifier(trust.LetterRoots, trust.Authorities, trust.Issuer), revocations, authorities);
        var letters = new LetterWork(storage, authorities, files, log, signer, archiving, new BundleVerifier(trust), clock, logs.CreateLogger<LetterWork>());
        return new OpenRooms(
            service,
            uploads,
            sequencer,
            new Sweeper(storage, sequencer, keeper, housekeeper, clock, logs.CreateLogger<Sweeper>()),
            new DepositWork(new CheckpointWork(storage, authorities, sender, deposits, clock), letters),
            heads,
            new PublicEvidenceReader(storage, log, files),
            trust);
    }

    private DepositsSettings Deposits(LetterIssuer issuer) => new()
    {
        Origin = settings.Office.LogOrigin,
        Office = issuer.Office,
        Parties = settings.Office.Parties,
        PublicUrl = settings.Office.PublicUrl,
        AnchorInterval = settings.Chain.AnchorInterval,
        Confirmations = settings.Chain.Confirmations,
    };

    private TrustRoots Trust(VaultSigner logSigner, AnchorSender sender, LetterIssuer issuer) => new()
    {
        Origin = settings.Office.LogOrigin,
        LogKeySpki = logSigner.PublicKeySpki,
        Authorities = [.. settings.Time.Authorities.Select(a => new TrustedAuthority(a.Name, a.Roots, a.PolicyOid) { LegalName = a.LegalName })],
        LetterRoots = [settings.Office.LetterChain[^1]],
        Issuer = issuer,
        ChainId = settings.Chain.ChainId,
        Contract = settings.Chain.Contract,
        Senders = [sender.Account.ToLowerHex()],
    };

    // A certificate for another key, or one that no verifier takes, would only be found out by the first letter, hours later.
    private LetterIssuer DemandCertificate(VaultSigner letterSigner)
    {
        var signer = settings.Office.LetterChain[0];
        using var key = signer.GetECDsaPublicKey();
        if (key is null || !key.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(letterSigner.PublicKeySpki))
            throw new SettingException(Settings.LetterChain.Name,
                $"PEM whose first certificate is for the vault's key {settings.Vault.LetterKey}, but it is for another");

        try
        {
            return LetterIssuer.Of(signer, new LetterOffice(settings.Office.Name, settings.Office.EnglishName), settings.Office.Parties.ShortName);
        }
        catch (FaultException e)
        {
            throw new SettingException(Settings.LetterChain.Name, $"PEM whose first certificate may sign letters, but {e.Message}");
        }
    }
}
