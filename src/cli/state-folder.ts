/** Where this program keeps what, for commands: the rules are in the room that reads the user's trust. */
export { cacheFolder, configFolder, dataFolder, stateFolder } from '../trust/folders.ts';
