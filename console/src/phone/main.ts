import { mount } from 'svelte';
import '../lib/base.css';
import './phone.css';
import App from './App.svelte';

const target = document.getElementById('app');
if (target) mount(App, { target });
