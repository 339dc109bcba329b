import { createContext } from 'svelte';
import type { Conversation } from './conversation.svelte';

/** The conversation that the components inside a ticket page act on. */
export const [getConversation, setConversation] = createContext<Conversation>();
