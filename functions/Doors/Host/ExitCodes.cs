namespace Notary.Host;

/// <summary>What the process says when it ends.</summary>
internal static class ExitCodes
{
    /// <summary>A setting is missing or wrong, or the chain is another than the settings say.</summary>
    public const int WrongSetting = 2;

    /// <summary>A worker ended. The Functions host never restarts one that ends with 0, and every request to it then hangs:
    /// no end is a good one there.</summary>
    public const int WorkerEnded = 3;

    /// <summary>The code of an end that nothing threw: what a part of the app has set, else the host's own.</summary>
    public static int OfAnEnd(bool underFunctions) => Environment.ExitCode != 0 ? Environment.ExitCode : underFunctions ? WorkerEnded : 0;
}
