/**
 * An error response of the service, in the shape that users of the service posted.
 *
 * The codes are documented, but the vendor documents for only a few mistakes which code the service returns. For the
 * other mistakes, the emulator returns the code with the closest name.
 */
export class ServiceError extends Error {
  readonly status: number
  readonly code: string
  /** The parameter that is missing, malformed or not registered, for the error page. */
  readonly field: string | undefined

  constructor(status: number, code: string, message: string, field?: string) {
    super(message)
    this.status = status
    this.code = code
    this.field = field
  }

  toJSON(): { code: string; message: string; requestId: null } {
    return { code: this.code, message: this.message, requestId: null }
  }
}

export function missing(name: string): ServiceError {
  return new ServiceError(400, 'InvalidParameterMissing', `The input parameter ${name} is missing.`, name)
}

export function empty(name: string): ServiceError {
  return new ServiceError(400, 'InvalidParameterEmpty', `The input parameter ${name} is empty.`, name)
}

export function notValid(name: string, why: string): ServiceError {
  return new ServiceError(400, 'InvalidParameter', `The input parameter ${name} is not valid: ${why}.`)
}

export function wrongFormat(name: string, why: string): ServiceError {
  return new ServiceError(
    400,
    'InvalidParameterWrongFormat',
    `The input parameter ${name} has a wrong format: ${why}.`,
    name,
  )
}

export function notMatch(name: string, why: string): ServiceError {
  return new ServiceError(
    400,
    'InvalidParameterNotMatch',
    `The input parameter ${name} does not match: ${why}.`,
    name,
  )
}

export function notSupported(name: string, why: string): ServiceError {
  return new ServiceError(
    400,
    'InvalidParameterNotSupported',
    `The input parameter ${name} is not supported: ${why}.`,
  )
}

export function outOfRange(name: string, why: string): ServiceError {
  return new ServiceError(
    400,
    'InvalidParameterOutOfRange',
    `The input parameter ${name} is out of range: ${why}.`,
  )
}

export function expired(name: string, why: string): ServiceError {
  return new ServiceError(400, 'InvalidParameterExpired', `The input parameter ${name} has expired: ${why}.`)
}

/** Returns the error for an unknown application. Users of the service posted its code and message. */
export function unknownClient(): ServiceError {
  const message = 'The input parameter client_id is not valid. '
  return new ServiceError(400, 'InvalidParameter.ClientId', message, 'client_id')
}

/** Returns the error for an invalid refresh token. Users of the service posted its code and message. */
export function invalidRefreshToken(): ServiceError {
  return new ServiceError(
    400,
    'InvalidParameter.RefreshToken',
    'The input parameter refresh_token is not valid. ',
  )
}

/** Returns the error for an unknown, expired, revoked or replaced access token. */
export function invalidAccessToken(): ServiceError {
  return new ServiceError(401, 'AccessTokenInvalid', 'The access token is not valid.')
}

/** Returns the error for an unknown or expired share token. */
export function invalidShareToken(): ServiceError {
  return new ServiceError(401, 'ShareLinkTokenInvalid', 'ShareLinkToken is invalid. expired')
}

/** Returns the error for a body over the size limit. The vendor does not document the service's response. */
export function tooLarge(): ServiceError {
  return new ServiceError(413, 'InvalidParameterOutOfRange', 'The request body is larger than 1 MB.')
}
