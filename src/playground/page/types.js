// Types only: nothing here runs.

/** @typedef {import("discord-api-types/v10").APIMessage & { guild_id?: string, nonce?: string | number }} Message */
/** @typedef {import("discord-api-types/v10").APIUser} User */
/** @typedef {import("discord-api-types/v10").APIAttachment} Attachment */
/** @typedef {import("discord-api-types/v10").APIEmbed} Embed */
/** @typedef {Pick<import("discord-api-types/v10").APIRole, "id" | "name" | "position">} Role */

/**
 * Of the channel kinds, the fields that the page uses.
 * @typedef {{
 *   id: string, type: number, name?: string | null, topic?: string | null, parent_id?: string | null,
 *   position?: number, recipients?: User[], message_count?: number,
 *   thread_metadata?: { archived?: boolean, locked?: boolean },
 * }} Channel
 */

/**
 * Of the message components (buttons, selects, layout), the fields that the page uses.
 * @typedef {{
 *   type: number, id?: number, custom_id?: string, label?: string, description?: string, style?: number,
 *   url?: string, emoji?: { name?: string | null }, disabled?: boolean, placeholder?: string,
 *   options?: { label: string, value: string, description?: string, default?: boolean }[],
 *   channel_types?: number[], default_values?: { id: string, type: string }[],
 *   min_values?: number, max_values?: number, required?: boolean,
 *   min_length?: number, max_length?: number, value?: string, content?: string,
 *   components?: Component[], component?: Component, accessory?: Component,
 *   file?: { url: string }, name?: string, media?: { url: string }, items?: { media: { url: string }, description?: string | null }[],
 *   accent_color?: number | null, divider?: boolean,
 * }} Component
 */

/** @typedef {Readonly<Record<string, string>> | null} Localizations */

/**
 * @typedef {{
 *   type: number, name: string, description: string, required?: boolean, autocomplete?: boolean,
 *   description_localizations?: Localizations,
 *   choices?: { name: string, name_localizations?: Localizations, value: string | number }[],
 *   options?: CommandOption[],
 *   min_value?: number, max_value?: number, min_length?: number, max_length?: number, channel_types?: number[],
 * }} CommandOption
 */

/**
 * @typedef {{
 *   id: string, application_id: string, guild_id?: string, version: string, type?: number, name: string,
 *   name_localizations?: Localizations, description_localizations?: Localizations,
 *   description: string, options?: CommandOption[], contexts?: number[] | null, dm_permission?: boolean,
 * }} Command
 */

/** @typedef {{ id: string, username: string, displayName: string, token: string }} Person */

/**
 * @typedef {{
 *   apiUrl: string, gatewayUrl: string, guildId: string, applicationId: string, botUserId: string,
 *   channels: Channel[], people: Person[],
 * }} Session
 */

/**
 * A line that only this page knows of: a command on its way, or one that failed.
 * @typedef {{ id: string, local: true, channel_id: string, label: string, failure?: string }} LocalEntry
 */

/** @typedef {Message | LocalEntry} Entry */

export {};
