namespace Notary.Recorder.Recording.Sources;

/// <summary>Looks at a set again and again and tells what came and went. What does both between two looks is missed; that a look was late is told.</summary>
/// <typeparam name="TKey">Of a member of the set.</typeparam>
/// <param name="name">The source's.</param>
/// <param name="look">The set now, each member with what is told of it.</param>
/// <param name="tell">An event's members for one that came (true) or went.</param>
internal sealed class Poll<TKey>(string name, Func<Dictionary<TKey, JsonObject>> look, Action<JsonObject, bool> tell) where TKey : notnull
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Late = 3 * Period;

    /// <summary>Members that are told of at a time: a desktop has some hundred processes and connections.</summary>
    private const int Most = 5000;

    public async Task RunAsync(string type, Action<string, JsonObject> emit, TimeProvider time, CancellationToken cancel)
    {
        var known = new Dictionary<TKey, JsonObject>();
        using var timer = new PeriodicTimer(Period, time);
        var looked = time.GetTimestamp();
        do
        {
            var now = look();
            if (time.GetElapsedTime(looked) is var passed && passed > Late)
                emit("late", new JsonObject { ["source"] = name, ["microseconds"] = (long)passed.TotalMicroseconds });

            looked = time.GetTimestamp();
            if (now.Count > Most)
                throw new IOException($"more than {Most} at a time");

            foreach (var (key, members) in known.Where(k => !now.ContainsKey(k.Key)))
                Tell(members, false);

            foreach (var (key, members) in now.Where(n => !known.ContainsKey(n.Key)))
                Tell(members, true);

            known = now;
        }
        while (await timer.WaitForNextTickAsync(cancel));

        void Tell(JsonObject members, bool came)
        {
            var told = (JsonObject)members.DeepClone();
            tell(told, came);
            emit(type, told);
        }
    }
}
