namespace Notary.Pages.Tests;

/// <summary>A visitor without a mouse.</summary>
internal static class Keys
{
    // A page has fewer things to stop at; what is not met in one round is not met.
    private const int MostStops = 80;
    private const int MostPresses = 40;

    /// <summary>Goes from stop to stop until it stands on the first thing that is meant, and fails where no stop leads there or one cannot be seen.</summary>
    public static async Task ReachAsync(this IPage page, ILocator meant)
    {
        await Assertions.Expect(meant.First).ToBeAttachedAsync();
        for (var stop = 0; stop < MostStops; stop++)
        {
            if (await meant.First.EvaluateAsync<bool>("e => e === document.activeElement"))
            {
                Assert.IsTrue(await page.EvaluateAsync<bool>(Shows), "where one stands is to be seen");
                return;
            }

            await page.Keyboard.PressAsync("Tab");
        }

        Assert.Fail($"no key leads to {meant}");
    }

    public static async Task PressAsync(this IPage page, ILocator meant, string key = "Enter")
    {
        await page.ReachAsync(meant);
        await page.Keyboard.PressAsync(key);
    }

    public static async Task TypeAsync(this IPage page, ILocator meant, string text)
    {
        await page.ReachAsync(meant);
        await page.Keyboard.PressAsync("Control+A");
        await page.Keyboard.InsertTextAsync(text);
    }

    /// <summary>Opens the browser's own dialog for files and takes some.</summary>
    public static Task ChooseAsync(this IPage page, ILocator input, params FilePayload[] files)
        => page.ChooseAsync(input, chooser => chooser.SetFilesAsync(files));

    /// <summary>Opens the browser's own dialog for files; <paramref name="take"/> says what is taken there.</summary>
    public static async Task ChooseAsync(this IPage page, ILocator input, Func<IFileChooser, Task> take)
    {
        var chosen = new TaskCompletionSource<IFileChooser>(TaskCreationOptions.RunContinuationsAsynchronously);
        void Take(object? sender, IFileChooser chooser) => chosen.TrySetResult(chooser);
        page.FileChooser += Take;
        for (var press = 0; !chosen.Task.IsCompleted; press++)
        {
            // A browser with other pages at work may let a press pass: one presses again.
            Assert.IsLessThan(MostPresses, press, "no dialog opens");
            await page.PressAsync(input);
            await Task.WhenAny(chosen.Task, Task.Delay(TimeSpan.FromSeconds(5)));
        }

        page.FileChooser -= Take;
        await take(await chosen.Task);
    }

    // An outline on the thing itself, or on the label that stands for a hidden field.
    private const string Shows =
        """
        () => [document.activeElement, document.activeElement.closest('label')].some(e => e
          && (getComputedStyle(e).outlineStyle !== 'none' || getComputedStyle(e).boxShadow !== 'none'))
        """;
}
