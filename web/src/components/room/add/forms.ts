import type { LoginForm } from '../../../lib/api/libraryTypes';

/** Ways that are no product's own. */
const GENERAL: ReadonlySet<string> = new Set([
  'password',
  'api_key',
  'cookie',
  'token',
  'header',
  'guest',
  'anonymous',
]);

/** The ways to sign in, those that are for a product by name apart. */
export function groupedForms(forms: readonly LoginForm[]): {
  general: readonly LoginForm[];
  products: readonly LoginForm[];
} {
  return {
    general: forms.filter(({ id }) => GENERAL.has(id)),
    products: forms.filter(({ id }) => !GENERAL.has(id)),
  };
}
