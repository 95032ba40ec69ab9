/** What providers say of their forms, in English, in the language of the page. What is not known here stays as it is. */

import type { FormField, Provider } from '../api/libraryTypes';
import { locale, t } from './locale.svelte';
import { zhProvided } from './zh.provided';

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

/** The label of a field. */
export function fieldLabel({ name, label }: Pick<FormField, 'name' | 'label'>): string {
  if (locale() === 'en') return label;
  return known(zhProvided, label) ?? known(FIELDS, name) ?? label;
}

/** What a provider is called. That of plain addresses is, as a place to sign in, the server that they lead to. */
export function providerTitle({ name, title }: Pick<Provider, 'name' | 'title'>): string {
  return name === 'direct' ? t('provider.direct') : provided(title);
}

/** A label or a help text that a provider wrote. */
export function provided(text: string): string {
  return locale() === 'en' ? text : (known(zhProvided, text) ?? text);
}

function known(words: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(words, key) ? words[key] : undefined;
}
