namespace Http.Server.Browser.Tests.Support;

/// <summary>What pages are asked for.</summary>
internal static class PageScripts
{
    /// <summary>Texts whose contrast with what is behind them is below 4.5, the least of WCAG 2.2 (1.4.3), as computed from their styles.</summary>
    public const string PoorContrasts =
        """
        () => {
          const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
          const parse = color => {
            canvas.clearRect(0, 0, 1, 1);
            canvas.fillStyle = color;
            canvas.fillRect(0, 0, 1, 1);
            const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
            return [r, g, b, a / 255];
          };
          const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
          const light = color => {
            const [r, g, b] = color.map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const dark = matchMedia('(prefers-color-scheme: dark)').matches;
          const behind = element => {
            const all = [];
            for (let e = element; e; e = e.parentElement) all.push(parse(getComputedStyle(e).backgroundColor));
            return all.reverse().reduce((below, top) => over(top, below), dark ? [18, 18, 18, 1] : [255, 255, 255, 1]);
          };
          const poor = [];
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          let seen = 0;
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!walker.currentNode.textContent.trim() || !element.checkVisibility() || element.closest('script, style, [aria-hidden=true]')) continue;
            seen++;
            const below = behind(element), above = over(parse(getComputedStyle(element).color), below);
            const [high, low] = [light(above), light(below)].sort((a, b) => b - a);
            const ratio = (high + 0.05) / (low + 0.05);
            if (ratio < 4.5) poor.push(`${element.localName} '${element.textContent.slice(0, 30)}' ${ratio.toFixed(2)}`);
          }
          if (!seen) poor.push('no text at all');
          return poor;
        }
        """;
}
