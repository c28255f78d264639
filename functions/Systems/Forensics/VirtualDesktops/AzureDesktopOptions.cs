namespace Notary.Forensics.VirtualDesktops;

/// <summary>Where desktops are made in Azure, and of what (infra/main.bicep makes all of it).</summary>
public sealed record AzureDesktopOptions
{
    /// <summary>The resource manager. Default Azure's.</summary>
    public required Uri ResourceManager { get; init; }

    /// <summary>Microsoft Graph: users and device objects.</summary>
    public required Uri Graph { get; init; }

    public required string SubscriptionId { get; init; }

    /// <summary>The resource group that holds nothing but machines of running sessions.</summary>
    public required string SessionsGroup { get; init; }

    /// <summary>The resource group of the host pool.</summary>
    public required string PoolGroup { get; init; }

    public required string PoolName { get; init; }

    /// <summary>Id of the exact version of the clean image.</summary>
    public required string ImageVersionId { get; init; }

    /// <summary>Id of the desktops' subnet.</summary>
    public required string SubnetId { get; init; }

    /// <summary>Id of the rule that collects the machines' logs.</summary>
    public required string LogRuleId { get; init; }

    public required string MachineSize { get; init; }

    /// <summary>Whether the disk is the host's own: fast, and gone with the machine.</summary>
    public required bool EphemeralDisk { get; init; }

    /// <summary>Where the desktop is opened in a browser.</summary>
    public required Uri DesktopAddress { get; init; }

    /// <summary>Where agents find this platform.</summary>
    public required Uri Platform { get; init; }
}
