namespace Notary.Identity.People;

/// <summary>Read, decide, write under the version that was read; whoever loses reads and decides again.</summary>
internal static class Contest
{
    // Each loss is somebody else's win; so many wins of others within one click are an attack or a fault.
    private const int MaxAttempts = 10;

    /// <param name="attempt">Told how often it has lost; re-reads each time, so that a write whose answer was lost is found done.</param>
    /// <exception cref="FaultException">StorageConflict: others were faster each time.</exception>
    public static async Task RunAsync(Func<int, Task> attempt)
    {
        for (var lost = 0; ; lost++)
        {
            try
            {
                await attempt(lost);
                return;
            }
            catch (RequestFailedException e) when (e.Status is 404 or 409 or 412 && lost < MaxAttempts)
            {
            }
            catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
            {
                throw new FaultException(Fault.StorageConflict, "others were faster; try again", e);
            }
        }
    }
}
