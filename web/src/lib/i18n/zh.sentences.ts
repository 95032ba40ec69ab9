/**
 * 简体中文：服务器的句子。键是服务器用英文说的原文，花括号里是每次不同的部分；译文可以用到，也可以省去。
 * `tests/adapters/providers/test_provided_texts.py` 检查每个键都还是服务器会说的话。
 */

export const zhSentences: Readonly<Record<string, string>> = {
  // 账号
  'A username has {low} to {high} characters.': '用户名为 {low} 到 {high} 个字符。',
  'A username consists of letters and digits, with _ - . inside.': '用户名由字母和数字组成，中间可以有 _ - .。',
  'A password has {low} to {high} characters.': '密码为 {low} 到 {high} 个字符。',
  'A password mixes at least {least} of: {kinds}.': '密码要包含小写字母、大写字母、数字和其他字符中的至少 {least} 种。',
  'A password has the same character at most {most} times in a row.': '密码中同一个字符最多连续出现 {most} 次。',
  "This password is too easy to guess. Take a longer one, of words that don't belong together.":
    '这个密码太容易被猜到。请用更长的密码，由互不相关的词组成。',
  'A name has {low} to {high} visible characters.': '名称为 {low} 到 {high} 个可见字符。',
  'This is no email address. It looks like ada@example.org.': '这不是电子邮箱地址。它应该像 ada@example.org。',
  "Addresses of this domain can't sign up here. Take another address.": '这里不接受这个域名的邮箱注册，请换一个。',
  'An email address is needed to sign up here. Start again with yours.': '在这里注册需要电子邮箱。请填写后重新开始。',
  'The name was chosen when you began. Start again to change it.': '用户名在开始时已经选定。要更改请重新开始。',
  'Signing up this way is closed on this server. Ask its operator for an account.':
    '这台服务器不开放这种注册方式。请联系管理员。',
  "This account waits for the operator's approval. Try again later.": '这个账号正在等待管理员批准，请稍后再试。',
  'The operator asks for a new password. Use the link you were given, or reset it.':
    '管理员要求设置新密码。请使用收到的链接，或重置密码。',
  'This server sends no codes to sign in with. Sign in another way.': '这台服务器不发送登录验证码，请用其他方式登录。',
  "This account asks for two steps, and a letter can't replace both of them. Ask the operator of this server for a reset link.":
    '这个账号启用了两步验证，仅凭邮件无法重置。请向管理员索取重置链接。',
  'None of your second steps works on this server now. Ask its operator.':
    '你的第二步验证方式目前都不可用，请联系管理员。',
  'This is your only way to sign in. Add another one first.': '这是你唯一的登录方式，请先添加另一种。',
  'Two-step sign-in needs this one. Add another way first, or turn two-step off.':
    '两步验证需要它。请先添加其他方式，或关闭两步验证。',
  'Two-step sign-in needs two of: a password, a passkey, a verified email address, an authenticator app. Add another one first.':
    '两步验证需要以下方式中的两种：密码、通行密钥、已验证的邮箱、身份验证器应用。请先再添加一种。',
  'This setup link is not valid any more. Use the one that the server printed last.':
    '这个设置链接已失效。请使用服务器最后输出的链接。',
  'This server has been set up already. Sign in instead.': '这台服务器已经设置好了，请直接登录。',
  'This server has no mail. Ask its operator.': '这台服务器没有配置邮件，请联系管理员。',
  'This server has no mail, so nobody can sign up with an address now.': '这台服务器没有配置邮件，目前无法用邮箱注册。',

  // 房间
  "A room's name has {low} to {high} characters.": '房间名称为 {low} 到 {high} 个字符。',
  "A room's password has 1 to {most} characters.": '房间密码为 1 到 {most} 个字符。',
  'A description has at most {most} characters.': '简介最多 {most} 个字符。',
  'A room has room for 1 to {most} members.': '房间可容纳 1 到 {most} 名成员。',
  'This room has a password. Enter it to join.': '这个房间有密码，请输入后加入。',
  "The room's password is wrong.": '房间密码不对。',
  "The room's password has just been changed. Enter the new one.": '房间密码刚刚被修改，请输入新密码。',
  'This server takes no guests. Sign in to enter.': '这台服务器不接受访客，请登录后进入。',
  'This room takes no guests. Sign in to enter.': '这个房间不接受访客，请登录后进入。',
  "Guests can't create rooms. Sign in first.": '访客不能创建房间，请先登录。',
  "Guests can't join. Sign in first.": '访客不能加入，请先登录。',
  'You are not in this room. Join it first.': '你不在这个房间里，请先加入。',
  'You can do this only to people below your own role in this room.': '你只能对房间里身份比你低的人这样做。',
  "You can't give what you don't have yourself: {what}.": '你不能授予自己没有的权限：{what}。',
  'The chat of this room is switched off.': '这个房间的聊天已关闭。',
  'Write something first.': '请先写点什么。',
  'A message has at most {most} characters.': '消息最多 {most} 个字符。',
  'This has at most {most} characters.': '这里最多 {most} 个字符。',
  "Text can't contain NUL characters or broken emoji. Remove them and try again.":
    '文字中不能有空字符或损坏的表情，请删除后重试。',
  "A live item can't be sought in: it always plays what happens now.": '直播不能跳转，它总是播放当前的内容。',
  'A live item always plays at normal speed.': '直播总是以正常速度播放。',
  'Nothing is selected. Choose an item first.': '还没有选择影片，请先选择一个。',
  'This {what} is unavailable: it does not exist, or you may not see it.': '它不存在，或者你无权查看。',
  'This {what} is taken already. Choose another.': '已经被使用，请换一个。',

  // 片库
  'A title has {low} to {high} characters.': '标题为 {low} 到 {high} 个字符。',
  "A folder can't lie in itself. Choose another.": '文件夹不能放进自己里面，请换一个。',
  'At most {most} folders lie in each other. Choose one that is higher up.':
    '文件夹最多嵌套 {most} 层，请选择上层的文件夹。',
  'This folder shows what a provider has, and nothing can be put into it. Choose another.':
    '这个文件夹实时显示来源的内容，不能放入其他东西。请换一个。',
  'Paste an address or a name of at most {most} characters.': '请粘贴最多 {most} 个字符的地址或名称。',
  'Nobody here knows what this is. Paste an address that begins with https://.':
    '没有来源认识它。请粘贴以 https:// 开头的地址。',
  'This address leads to a web page. {playable}':
    '这个地址是网页，没有可以播放的内容。请粘贴视频、音频或直播流的地址。',
  'Nothing to play was found at this address. {reason} {playable}':
    '这个地址没有找到可以播放的内容。请检查它，或粘贴视频、音频或直播流的地址。',
  'No browser plays {extension} files. {playable}': '浏览器无法播放 {extension} 文件。',
  'No video or stream is known at this address of {site}. Give that of a page that shows one, or of the file itself.':
    '在 {site} 的这个地址没有找到视频或直播。请粘贴有视频的网页地址，或文件本身的地址。',
  'The server says that there is nothing at this address. Check it.': '对方服务器说这个地址没有内容，请检查。',
  'Nothing in this folder can be played. Choose another.': '这个文件夹里没有可以播放的内容，请换一个。',
  'This file is no video and no audio that can be played.': '这个文件不是可以播放的视频或音频。',
  'There is nothing here that can be played. Choose something else.': '这里没有可以播放的内容，请另选。',
  'This list is empty.': '这个列表是空的。',
  'Search with 1 to {most} characters.': '请用 1 到 {most} 个字符搜索。',
  "{title} can't be searched.": '{title} 不支持搜索。',
  'You have several sign-ins for {title}. Choose one of them.': '你在 {title} 有多个登录，请选择其中一个。',

  // 来源的表单
  '{label} is missing.': '请填写这一项。',
  '{label} has at most {most} characters.': '这一项最多 {most} 个字符。',
  'Fill in one line of at most {most} characters.': '请填写一行，最多 {most} 个字符。',
  'This is on one line, without control characters.': '请写在一行里，不要有控制字符。',
  'A user name has no colon.': '用户名中不能有冒号。',
  'A name has no colon in it here.': '这里的用户名中不能有冒号。',
  'The header is one of {headers}.': '请求头只能是其中之一：{headers}。',
  'Give the address of the server, beginning with http:// or https://, without a name or password.':
    '请填写服务器地址，以 http:// 或 https:// 开头，不含用户名和密码。',
  'The address of the server begins with https:// and has no name or password in it.':
    '服务器地址以 https:// 开头，不含用户名和密码。',
  'This server sends callers on to {origin}. Enter that address.': '这台服务器会转到 {origin}，请填写那个地址。',
  'An address has at most {most} characters.': '地址最多 {most} 个字符。',
  'Give the address of a video, an audio file or an HLS stream.': '请填写视频、音频文件或 HLS 直播流的地址。',
  'Give the address of a page with a video or a stream.': '请填写有视频或直播的网页地址。',
  'An address begins with http:// or https:// and names a server.': '地址要以 http:// 或 https:// 开头，并包含服务器。',
  'An address must not hold a user name or a password.': '地址中不能有用户名或密码。',
  'Everybody in the room would see the name and password in this address. Use one without them.':
    '房间里的人都会看到这个地址中的用户名和密码，请使用不含它们的地址。',
  'The name of a header has letters, digits and hyphens, and no spaces.':
    '请求头名称由字母、数字和连字符组成，没有空格。',
  'This header is a secret. Save it as a sign-in for this server, then add the address again.':
    '这个请求头是秘密。请把它保存为这台服务器的登录，再添加地址。',
  'This header is written by the server itself. Leave it out.': '这个请求头由服务器自己填写，请去掉。',
  'A header has one line of at most {most} plain characters.': '请求头只有一行，最多 {most} 个普通字符。',
  'A language is a tag such as en, de or zh-Hans.': '语言用标签表示，如 en、de 或 zh-Hans。',
  'A label has 1 to {most} characters.': '名称为 1 到 {most} 个字符。',
  'This code is wrong or has run out. Enter the one that is shown now.': '验证码不对或已过期，请输入现在显示的。',
  'This account has a second factor. Enter the code that is shown now.':
    '这个账号启用了两步验证，请输入现在显示的验证码。',
  'Write one folder a line, like: /films/private = its password': '每行写一个文件夹，如：/films/private = 它的密码',
  'At most {most} folders with passwords.': '最多 {most} 个带密码的文件夹。',
  'This server has no account with this name.': '这台服务器上没有这个名称的账号。',
  'Say yes or no.': '请填写 yes 或 no。',
  'The name of a bucket has 3 to 63 letters and digits, with - . _ inside.':
    '存储桶名称由 3 到 63 个字母和数字组成，中间可以有 - . _。',
  'A region looks like eu-central-1.': '区域应该像 eu-central-1。',
  'A key has letters, digits and a few signs. Copy it again.': '密钥由字母、数字和少数符号组成，请重新复制。',
  'An endpoint looks like s3.us-west-004.backblazeb2.com.': 'Endpoint 应该像 s3.us-west-004.backblazeb2.com。',
  'Name the site that the cookie is for, such as example.org.': '请填写这个 Cookie 所属的网站，如 example.org。',
};
