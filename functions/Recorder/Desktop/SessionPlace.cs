namespace Notary.Recorder.Desktop;

/// <summary>Everything of one session that has a name on this machine. Names carry the session's last eight digits, numbers its slot; what is named
/// here, and nothing else, is what <see cref="Remains"/> clears.</summary>
/// <param name="Slot">A small number that no other living session on this machine has.</param>
/// <param name="Name">Of the network namespace, the link, the rules' table; at most 15 characters (IFNAMSIZ).</param>
internal sealed record SessionPlace(int Slot, string Name)
{
    /// <summary>Where sessions keep their sockets and fixed files.</summary>
    public const string Root = "/run/notary-recorder";

    /// <summary>What every name begins with.</summary>
    public const string Prefix = "notary-";

    /// <summary>Sessions on one machine: as many subnets of four addresses as the third byte of the range holds.</summary>
    public const int MaxSlots = 64;

    /// <summary>No user of the system: 1,879,048,192 to 2,147,483,647 are left unused by what hands out users and subordinate users on Linux.</summary>
    private const int FirstUser = 1_900_000_000;

    /// <summary>Displays below are people's.</summary>
    private const int FirstDisplay = 200;

    /// <summary>Its folder.</summary>
    public string Folder => Path.Combine(Root, $"{Slot}.{Name}");

    /// <summary>Held locked while the session's owner lives; the kernel lets go of it when he dies, however he dies.</summary>
    public string Lock => Path.Combine(Folder, "owner");

    /// <summary>As whom the browser runs.</summary>
    public int User => FirstUser + 2 * Slot;

    /// <summary>As whom the X server runs.</summary>
    public int ServerUser => User + 1;

    public int Display => FirstDisplay + Slot;

    /// <summary>The machine's end of the link; 198.18.0.0/15 is for measurements between networks (RFC 2544) and so nobody's own.</summary>
    public string Gateway => $"198.18.{Slot}.1";

    /// <summary>The desktop's end.</summary>
    public string Address => $"198.18.{Slot}.2";

    /// <summary>Where programs of this machine look for the display.</summary>
    public string DisplaySocket => $"/tmp/.X11-unix/X{Display}";

    /// <summary>Where it really is.</summary>
    public string ServerSocket => Path.Combine(Folder, "x", ".X11-unix", $"X{Display}");

    /// <summary>Where the X server listens for its viewer.</summary>
    public string ViewSocket => Path.Combine(Folder, "x", "rfb");

    /// <summary>A file of the session.</summary>
    public string File(string name) => Path.Combine(Folder, name);

    /// <summary>Takes a free slot: the folder, locked.</summary>
    /// <exception cref="ToolException">All slots are taken.</exception>
    public static (SessionPlace Place, FileStream Owner) Claim(DepositId session)
    {
        Directory.CreateDirectory(Root);
        Tool.SetMode(Root, (UnixFileMode)0b111_001_001);
        using var one = Alone();
        var taken = All().Select(p => p.Slot).ToHashSet();
        var slot = Enumerable.Range(0, MaxSlots).Where(s => !taken.Contains(s)).DefaultIfEmpty(-1).First();
        if (slot < 0)
            throw new ToolException($"{MaxSlots} sessions are open on this machine");

        var place = new SessionPlace(slot, Prefix + session.ToString()[^8..]);
        Directory.CreateDirectory(place.Folder);
        Tool.SetMode(place.Folder, (UnixFileMode)0b111_001_001);
        return (place, new FileStream(place.Lock, FileMode.Create, FileAccess.ReadWrite, FileShare.None));
    }

    /// <summary>The places on this machine, of the living and the dead.</summary>
    public static IEnumerable<SessionPlace> All()
        => !Directory.Exists(Root) ? [] : Directory.GetDirectories(Root).Select(folder => Path.GetFileName(folder).Split('.', 2))
            .Where(parts => parts.Length == 2 && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out _)
                && parts[1].StartsWith(Prefix, StringComparison.Ordinal))
            .Select(parts => new SessionPlace(int.Parse(parts[0], CultureInfo.InvariantCulture), parts[1]));

    /// <summary>Whether nobody holds it any more.</summary>
    public bool IsAbandoned()
    {
        // A folder without the file belongs to someone who is just making it, or died on the way: he who asks holds Alone().
        try
        {
            using var mine = new FileStream(Lock, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>Keeps others on this machine from taking or sweeping places meanwhile.</summary>
    public static FileStream Alone()
    {
        Directory.CreateDirectory(Root);
        while (true)
        {
            try
            {
                return new FileStream(Path.Combine(Root, "lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                Thread.Yield();
            }
        }
    }
}
