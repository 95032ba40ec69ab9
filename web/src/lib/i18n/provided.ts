/** What providers say of their forms, in English, in the language of the page. What is not known here stays as it is. */

import type { FormField, Provider } from '../api/libraryTypes';
import { locale, t } from './locale.svelte';

/** By the name of the field. */
const FIELDS: Readonly<Record<string, string>> = {
  server: '服务器地址',
  username: '用户名',
  password: '密码',
  token: '令牌',
  cookie: 'Cookie',
  api_key: 'API 密钥',
  otp: '动态验证码',
  code: '验证码',
  name: '名称',
  value: '内容',
  user: '用户名',
  email: '电子邮箱',
  path: '路径',
  url: '地址',
};

/** By the English words, where they say more than the name. */
const WORDS: Readonly<Record<string, string>> = {
  'App password': '应用密码',
  'Email address': '电子邮箱',
  'Password of the WebDAV account': 'WebDAV 账号的密码',
  'Name of the header': '请求头名称',
  'What stands in it': '请求头内容',
  Site: '网站',
  'User name and password (HTTP Basic)': '用户名和密码（HTTP Basic）',
  'A header with a secret': '带有密钥的请求头',
  'User name and password': '用户名和密码',
  'Name and password': '用户名和密码',
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
};

/** The label of a field. */
export function fieldLabel({ name, label }: Pick<FormField, 'name' | 'label'>): string {
  if (locale() === 'en') return label;
  return known(WORDS, label) ?? known(FIELDS, name) ?? label;
}

/** What a provider is called. That of plain addresses is, as a place to sign in, the server that they lead to. */
export function providerTitle({ name, title }: Pick<Provider, 'name' | 'title'>): string {
  return name === 'direct' ? t('provider.direct') : provided(title);
}

/** A label or a help text that a provider wrote. */
export function provided(text: string): string {
  return locale() === 'en' ? text : (known(WORDS, text) ?? text);
}

function known(words: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(words, key) ? words[key] : undefined;
}
