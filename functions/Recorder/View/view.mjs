import RFB from '@novnc/novnc';

const chinese = navigator.language.startsWith('zh');
const words = chinese
  ? { connecting: '正在连接桌面……', connected: '本桌面的屏幕正在录制。', over: '本次查看已结束。链接只能使用一次，请索取新链接。' }
  : { connecting: 'Connecting to the desktop…', connected: 'The screen of this desktop is being recorded.',
      over: 'This visit is over. A link counts once: ask for a new one.' };

function say(state) {
  document.documentElement.dataset.state = state;
  document.getElementById('said').textContent = words[state];
}

document.documentElement.lang = chinese ? 'zh' : 'en';
say('connecting');

// The token counts once: nobody shall find it in the address bar or in the history.
const token = location.hash.slice(1);
history.replaceState(null, '', location.pathname);

const socket = new URL('screen', location.href);
socket.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
const view = new RFB(document.getElementById('screen'), socket.href, { wsProtocols: ['binary', `token.${token}`] });
view.scaleViewport = true;
view.background = 'transparent';
view.addEventListener('connect', () => say('connected'));
view.addEventListener('disconnect', () => say('over'));

// A file that is let go over the picture would be opened in its place: the page around the view takes files.
for (const kind of ['dragover', 'drop']) addEventListener(kind, (event) => event.preventDefault());
