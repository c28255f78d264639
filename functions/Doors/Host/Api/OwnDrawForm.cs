using Notary.Evidence.Draws;
using Notary.Evidence.Ethereum;
using Notary.Pages;
using Notary.Pages.Organising;

namespace Notary.Host.Api;

/// <summary>Reads the form of a draft: what it says, what is wrong with it, and the wish that the API takes too.</summary>
internal static class OwnDrawForm
{
    /// <summary>What the form says, as it was typed.</summary>
    public static DraftForm Of(IReadOnlyDictionary<string, string> fields, string? drawId)
    {
        string Field(string name) => (fields.GetValueOrDefault(name) ?? "").ReplaceLineEndings("\n");
        var rounds = int.TryParse(Field("rounds"), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? Math.Clamp(count, 1, DrawRules.MaxRounds) : 1;
        return new DraftForm
        {
            DrawId = drawId,
            Once = Field("once"),
            Title = Field("title").Trim(),
            Kind = Field("kind"),
            Groups = Field("groups"),
            Rounds = [.. Enumerable.Range(1, rounds).Select(n => new RoundForm(Field($"quota-{n}").Trim(), Field($"reserves-{n}").Trim(), Field($"groups-{n}"),
                Field($"earlier-{n}") == "yes", Field($"weights-{n}") == "yes"))],
            ObjectionsUntil = Field("objections-until"),
            CommitsUntil = Field("commits-until"),
            RevealsUntil = Field("reveals-until"),
            Beacon = Field("beacon"),
            Parties = Field("parties"),
        };
    }

    /// <summary>The form with a round more or less; null when the button that was pressed is another.</summary>
    public static DraftForm? Reshaped(DraftForm form, string act)
        => act == "add" && form.Rounds.Count < DrawRules.MaxRounds ? form with { Rounds = [.. form.Rounds, new RoundForm()] }
            : act.StartsWith("remove-", StringComparison.Ordinal) && form.Rounds.Count > 1
                && int.TryParse(act["remove-".Length..], NumberStyles.None, CultureInfo.InvariantCulture, out var gone)
                ? form with { Rounds = [.. form.Rounds.Where((_, i) => i != gone - 1)] } : null;

    /// <summary>The wish, or the form with what is wrong beside each field.</summary>
    public static (NewDraw? Wanted, DraftForm Form) Read(DraftForm form)
    {
        var errors = new Dictionary<string, Words>(StringComparer.Ordinal);
        if (form.Title.Length is 0 or > PlanTerms.MaxTitle || form.Title.Any(char.IsControl))
            errors["title"] = ($"请填写名称，最多 {PlanTerms.MaxTitle} 字，不能有控制字符。",
                $"Give a title of at most {PlanTerms.MaxTitle} characters, none of them a control character.");

        if (form.Kind is not ("draw" or "rehearsal"))
            errors["kind"] = ("请选择是正式摇号还是演练。", "Choose whether it is a draw or a rehearsal.");

        var groups = DraftForm.Lines(form.Groups);
        if (groups.Distinct(StringComparer.Ordinal).Count() < groups.Count || groups.Count > DrawRules.MaxGroups)
            errors["groups"] = ($"组名不能重复，最多 {DrawRules.MaxGroups} 个。", $"Each group once, at most {DrawRules.MaxGroups}.");

        var rounds = form.Rounds.Select((round, i) => Round(round, i + 1, groups, errors)).ToList();
        var schedule = Schedule(form, errors);
        foreach (var line in DraftForm.Lines(form.Parties).Where(line => !Address.TryParse(line, out _)).Take(1))
            errors["parties"] = ($"这不是链上账户的地址：{line}", $"This is no address of an account: {line}");

        return errors.Count > 0 ? (null, form with { Errors = errors }) : (new NewDraw(
            form.Title, form.Kind == "draw" ? DrawWish.Draw : DrawWish.Rehearsal, new DrawRules(groups, rounds), schedule!,
            form.Beacon == "block" ? BeaconWish.Block : BeaconWish.Drand, DraftForm.Lines(form.Parties)), form);
    }

    private static DrawRound Round(RoundForm round, int number, IReadOnlyList<string> groups, Dictionary<string, Words> errors)
    {
        int Number(string typed, string field, int least)
        {
            if (int.TryParse(typed, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= least && value <= DrawRules.MaxCandidates)
                return value;

            errors[$"{field}-{number}"] = ($"请填 {least} 到 {DrawRules.MaxCandidates} 的整数。", $"A whole number from {least} to {DrawRules.MaxCandidates}.");
            return least;
        }

        var chosen = DraftForm.Names(round.Groups, groups.ToHashSet(StringComparer.Ordinal));
        if (chosen.FirstOrDefault(name => !groups.Contains(name)) is { } stranger)
            errors[$"groups-{number}"] = ($"上面没有列出这个组：{stranger}", $"This group is not listed above: {stranger}");

        return new DrawRound(Number(round.Quota, "quota", 1), Number(round.Reserves, "reserves", 0), chosen, round.Earlier, round.Weights);
    }

    private static DrawSchedule? Schedule(DraftForm form, Dictionary<string, Words> errors)
    {
        DateTimeOffset Time(string typed, string field)
        {
            if (!DraftForm.TryTime(typed, out var time))
                errors[field] = ("请填写日期和时间，例如 2026-12-01T09:00。", "Give date and time, such as 2026-12-01T09:00.");

            return time;
        }

        var schedule = new DrawSchedule(Time(form.ObjectionsUntil, "objections-until"), Time(form.CommitsUntil, "commits-until"),
            Time(form.RevealsUntil, "reveals-until"));
        Words late = ("应当晚于前一个时间。", "It comes after the time before it.");
        if (schedule.CommitsUntil <= schedule.ObjectionsUntil)
            errors.TryAdd("commits-until", late);

        if (schedule.RevealsUntil <= schedule.CommitsUntil)
            errors.TryAdd("reveals-until", late);

        return schedule;
    }
}
