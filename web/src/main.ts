import { mount } from 'svelte';
import App from './App.svelte';
import './app.css';
import { startLocale } from './lib/i18n/locale.svelte';
import { app } from './lib/stores/app.svelte';
import { router } from './lib/stores/router.svelte';

router.start();
void app.start();
await startLocale();

const target = document.getElementById('app');
if (target === null) throw new Error('The document has no place for the page.');
mount(App, { target });
