/** The JSON codec of the realtime contract: proto JSON in text frames. */

import { create, fromJsonString, toJsonString, type MessageInitShape } from '@bufbuild/protobuf';
import { ClientFrameSchema, ServerFrameSchema, type ServerFrame } from './generated/synctv/v1/realtime_pb';

export const SUBPROTOCOL = 'synctv.v1.json';

/** The body of a frame to the server, as plain values. */
export type ClientBody = NonNullable<MessageInitShape<typeof ClientFrameSchema>['body']>;
export type ServerBody = ServerFrame['body'];

export function encodeFrame(seq: number, body: ClientBody): string {
  return toJsonString(ClientFrameSchema, create(ClientFrameSchema, { seq, body }));
}

/** Null for text that is no frame. Fields and enum values of a newer server are ignored. */
export function decodeFrame(text: string): ServerFrame | null {
  try {
    return fromJsonString(ServerFrameSchema, text, { ignoreUnknownFields: true });
  } catch {
    return null;
  }
}
