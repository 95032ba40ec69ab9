/** 简体中文：来源的表单说明。键是来源用英文写的原文。 */

export const zhProvided: Readonly<Record<string, string>> = {
  'App password': '应用密码',
  'Email address': '电子邮箱',
  'Password of the WebDAV account': 'WebDAV 账号的密码',
  'Name of the header': '请求头名称',
  'What stands in it': '请求头内容',
  Site: '网站',
  'User name and password (HTTP Basic)': '用户名和密码（HTTP Basic）',
  'A header with a secret': '带有密钥的请求头',
  'API key': 'API 密钥',
  Token: '令牌',
  Cookie: 'Cookie',
  'Cookie of a site': '网站的 Cookie',
  'Any other WebDAV server': '其他 WebDAV 服务器',
  'All below it.': '其下的全部地址。',
  'Sign in on bilibili.com in a browser and copy SESSDATA from there. It acts for you: show nobody.':
    '在浏览器中登录 bilibili.com，然后复制其中的 SESSDATA。它等同于你的登录，不要给任何人看。',
  'Sign in to the site in a browser and copy its cookie from there. It acts for you: show nobody.':
    '在浏览器中登录该网站，然后复制它的 Cookie。它等同于你的登录，不要给任何人看。',
  'name=value; … or the text of a cookies.txt': 'name=value; … 或 cookies.txt 的内容',
  'Make an app password in Nextcloud: Settings, Security, Devices and sessions. With two factors or single sign-on only such a password works.':
    '在 Nextcloud 的“设置 → 安全 → 设备和会话”中创建应用密码。使用双重验证或单点登录时，只有这种密码有效。',
  'Make an app password in ownCloud: Settings, Security.': '在 ownCloud 的“设置 → 安全”中创建应用密码。',
  'Video sites': '视频网站',
  'Live channels': '直播频道',
  'Alist or OpenList account': 'Alist 或 OpenList 账号',
  'An account with a second factor has to be signed in to again when the server lets its sign-ins run out, which is after two days as a rule.':
    '启用了两步验证的账号，在服务器的登录过期后（通常是两天）需要重新登录。',
  'Address of the server': '服务器地址',
  'As in the browser, up to where its pages begin.': '与浏览器里的地址相同，到页面路径之前为止。',
  'Code of the second factor': '动态验证码',
  'If the account has one.': '账号启用了才需要。',
  'Passwords of folders': '文件夹密码',
  'One folder a line, for folders that ask for a password of their own.': '每行一个文件夹，用于单独设了密码的文件夹。',
  'Account of the organisation (LDAP)': '组织账号（LDAP）',
  'The password is not kept, so that this has to be done again when the server lets the sign-in run out.':
    '不会保存密码，因此服务器的登录过期后需要重新登录。',
  'The token that an administrator finds under Settings, Other. It may do everything and never runs out.':
    '管理员在“设置 → 其他”中看到的令牌。它拥有全部权限，且永不过期。',
  'Without an account': '不使用账号',
  'For servers that show their files to everybody.': '适用于向所有人公开文件的服务器。',
  'Link of a share (Nextcloud, ownCloud)': '分享链接（Nextcloud、ownCloud）',
  Link: '链接',
  'Password of the link': '链接的密码',
  'For a folder that somebody shared with a link. No account is needed there.':
    '适用于别人通过链接分享的文件夹，不需要在那里有账号。',
  'Jellyfin account': 'Jellyfin 账号',
  'The password is not kept: the server gives a token for it, which you can take back there under Devices.':
    '不会保存密码：服务器会换发一个令牌，你可以在那里的“设备”中撤销它。',
  'Jellyfin Quick Connect': 'Jellyfin 快速连接',
  'No password is typed in here. Enter the code where you are signed in to Jellyfin already: in its user menu, under Quick Connect.':
    '无需在这里输入密码。请在已登录 Jellyfin 的设备上，打开用户菜单中的“快速连接”，输入显示的代码。',
  'Emby account': 'Emby 账号',
  "The account's own name and password on this server, not those of Emby Connect. The password is not kept.":
    '请填写该服务器上的用户名和密码，而不是 Emby Connect 的。不会保存密码。',
  'A key may do everything on the server, and what is watched is not noted with one. Better sign in as an account.':
    '密钥拥有服务器的全部权限，而且不会记录观看进度。建议改用账号登录。',
  'From the dashboard, under API keys.': '在控制台的“API 密钥”中。',
  'Name of the account': '账号名称',
  'Whose libraries are shown.': '显示该账号的媒体库。',
  "WebDAV has to be switched on by the server's administrator. Encrypted libraries can't be seen. With single sign-on or two factors, set a WebDAV password in your profile.":
    '需要服务器管理员启用 WebDAV。看不到加密的资料库。使用单点登录或双重验证时，请在个人资料中设置 WebDAV 密码。',
  'Install the package WebDAV Server, switch its HTTPS on, and allow the account to use WebDAV.':
    '安装“WebDAV Server”套件，启用其 HTTPS，并允许该账号使用 WebDAV。',
  "Switch WebDAV on in the control panel, and give the account a right to the shared folder. The folder's name belongs to the address.":
    '在控制台启用 WebDAV，并授予该账号共享文件夹的权限。地址中要包含文件夹名称。',
  'For the WebDAV service of TrueNAS CORE: its name is always webdav, and the share belongs to the address. For an app on newer versions use what the app shows.':
    '适用于 TrueNAS CORE 的 WebDAV 服务：用户名固定为 webdav，地址中要包含共享名称。新版本请按应用显示的内容填写。',
  'Switch WebDAV on, and use an account that is no administrator and sees at least one folder.':
    '启用 WebDAV，并使用非管理员且至少能看到一个文件夹的账号。',
  'Make a WebDAV account in Cloudreve: it has a password of its own. The name is your email address.':
    '在 Cloudreve 中创建 WebDAV 账号，它有单独的密码。用户名是你的电子邮箱。',
  'The address of a folder that is shared by WebDAV. Name and password may be empty where it is open to everybody.':
    '通过 WebDAV 共享的文件夹地址。对所有人开放时，可以不填用户名和密码。',
  'S3 bucket': 'S3 存储桶',
  'Any server that speaks S3': '任何兼容 S3 的服务器',
  'Make a key for SyncTV alone. It needs no more than the rights to list this bucket and to read what is in it.':
    '请为 SyncTV 单独创建密钥，只需要列出此存储桶和读取其中内容的权限。',
  Region: '区域',
  'Many servers have only one.': '很多服务器只有一个区域。',
  Bucket: '存储桶',
  'Access key': '访问密钥',
  'Sometimes called access key id, or key id.': '有时叫作 access key id 或 key id。',
  'Secret key': '私有密钥',
  'Shown once, when the key is made.': '只在创建密钥时显示一次。',
  'Bucket in the path': '存储桶放在路径中',
  'yes for https://server/bucket, no for https://bucket.server. Most servers at home want yes.':
    'https://server/bucket 填 yes，https://bucket.server 填 no。家里的服务器大多填 yes。',
  'Make a user in IAM without access to the console, allow it s3:ListBucket on the bucket and s3:GetObject on what is in it, and make an access key for it.':
    '在 IAM 中创建一个不能访问控制台的用户，授予它存储桶的 s3:ListBucket 和其中内容的 s3:GetObject 权限，再为它创建访问密钥。',
  'Region of the bucket': '存储桶所在区域',
  'In the console, make an access key. It needs no more than the rights to list this bucket and to read what is in it.':
    '在控制台创建访问密钥，只需要列出此存储桶和读取其中内容的权限。',
  'Address of the S3 API': 'S3 API 地址',
  'That of the API, not that of the console.': '填写 API 的地址，而不是控制台的地址。',
  'Under R2, Manage API tokens, make a token with the right Object Read only for this bucket.':
    '在“R2 → Manage API tokens”中，为此存储桶创建权限为“Object Read only”的令牌。',
  'It stands in the settings of the bucket.': '在存储桶的设置中可以看到。',
  'Under Application Keys, add a key for this bucket with the right Read only. The master key is of no use.':
    '在“Application Keys”中为此存储桶添加权限为“Read only”的密钥。主密钥不能用。',
  'It stands beside the bucket.': '显示在存储桶旁边。',
  'Make a sub-user with a policy that allows s3:ListBucket and s3:GetObject, and an access key for it.':
    '创建一个子用户，用策略授予它 s3:ListBucket 和 s3:GetObject 权限，再为它创建访问密钥。',
  Address: '地址',
  Name: '名称',
  Password: '密码',
  'User name': '用户名',
  Endpoint: '接入点（Endpoint）',
  keyID: '密钥 ID（keyID）',
  'S3 API': 'S3 API 地址',

  applicationKey: '应用密钥（applicationKey）',
  'Path of a file or folder': '文件或文件夹的路径',
  'Address or number of a video, an episode, a list or a live room': '视频、剧集、列表或直播间的地址或编号',
  'Address of a video, an audio file or a stream': '视频、音频文件或直播流的地址',
  'Id of a film, an episode, a series or a folder': '影片、剧集、系列或文件夹的编号',
  'Address of a live channel': '直播频道的地址',
  'Name of the file in the bucket': '存储桶中文件的名称',
  'Address of a page with a video': '有视频的网页地址',
  '/films/private = its password': '/films/private = 它的密码',
  'https://<account id>.r2.cloudflarestorage.com': 'https://<账户 ID>.r2.cloudflarestorage.com',
};
