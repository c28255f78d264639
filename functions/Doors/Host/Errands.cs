using Notary.Identity.People;

namespace Notary.Host;

/// <summary>What queue and timer ask for: called by the functions, and by <see cref="Pump"/> where there is no Functions host.
/// All are safe to repeat.</summary>
public sealed class Errands
{
    private readonly Rooms rooms;
    private readonly PulseLog pulse;
    private readonly DurableDoor door;
    private readonly Challenges challenges;
    private readonly LoginDoor login;
    private readonly TrailHeads trail;
    private readonly HealthLooks health;
    private readonly WebhookSweep webhooks;

    internal Errands(
        Rooms rooms, PulseLog pulse, DurableDoor door, Challenges challenges, LoginDoor login, TrailHeads trail, HealthLooks health,
        WebhookSweep webhooks)
        => (this.rooms, this.pulse, this.door, this.challenges, this.login, this.trail, this.health, this.webhooks)
            = (rooms, pulse, door, challenges, login, trail, health, webhooks);

    /// <summary>Takes the upload that an event of Event Grid names; an event that is none of ours is nothing to do.</summary>
    /// <exception cref="Evidence.FaultException">Malformed: no event at all, so the message belongs into the poison queue.</exception>
    public async Task TakeUploadAsync(string message, DurableTaskClient? client, CancellationToken cancel)
    {
        Offer(client);
        if (UploadEvent.PathOf(message) is { } path)
            await (await rooms.OpenAsync(cancel)).Uploads.TakeAsync(path, cancel);
    }

    /// <summary>The minute's look at the dependencies, pulse and sweep.</summary>
    public async Task SweepAsync(DurableTaskClient? client, CancellationToken cancel)
    {
        Offer(client);

        // Beside each other: while a dependency is down the sweep fails or lasts, and that is when the history is written for.
        var sweep = SweepAllAsync(cancel);
        await health.WatchAsync(sweep, cancel);
        await sweep;
    }

    private async Task SweepAllAsync(CancellationToken cancel)
    {
        var open = await rooms.OpenAsync(cancel);

        // First: a sweep that fails must not silence what tells of it.
        await pulse.BeatAsync(cancel);
        await challenges.SweepAsync(cancel);
        await open.Sweeper.RunAsync(cancel);
        if (open.Draws is { } draws)
            await draws.Keeper.SweepAsync(cancel);

        if (open.Sessions is { } sessions)
            await sessions.Keeper.SweepAsync(cancel);

        await login.SweepAsync(cancel);
        await webhooks.RunAsync(cancel);
    }

    /// <summary>The minute's sweep of uploads, apart from the other: it lasts as long as the largest one.</summary>
    public async Task SweepUploadsAsync(DurableTaskClient? client, CancellationToken cancel)
    {
        Offer(client);
        await (await rooms.OpenAsync(cancel)).Uploads.SweepAsync(cancel);
    }

    /// <summary>The day's deposit of the trail's head; nothing on all other minutes, so that one that failed is made good at once.</summary>
    public async Task DepositTrailAsync(DurableTaskClient? client, CancellationToken cancel)
    {
        Offer(client);
        await trail.RunAsync(cancel);
    }

    private void Offer(DurableTaskClient? client)
    {
        if (client is not null)
            door.Offer(client);
    }
}
