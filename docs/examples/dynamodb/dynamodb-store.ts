import {
  ConditionalCheckFailedException,
  DeleteItemCommand,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb'
import { conditionalStore, type Store } from '@pds/session'

/** Creates a store in a table of DynamoDB, whose partition key is the string `id`. */
export function dynamoDBStore(client: DynamoDBClient, TableName: string): Store {
  return conditionalStore<string>({
    async get(key) {
      const request = { TableName, Key: { id: { S: key } }, ConsistentRead: true }
      const { Item } = await client.send(new GetItemCommand(request))
      const version = Item?.version?.S
      return version === undefined ? undefined : { value: Item?.value?.S ?? '', version }
    },
    put(key, value, ifVersion) {
      // A random version never returns, not even after the item was deleted.
      const Item = { id: { S: key }, value: { S: value }, version: { S: crypto.randomUUID() } }
      return succeeds(client.send(new PutItemCommand({ TableName, Item, ...requireVersion(ifVersion) })))
    },
    delete(key, ifVersion) {
      const Key = { id: { S: key } }
      return succeeds(client.send(new DeleteItemCommand({ TableName, Key, ...requireVersion(ifVersion) })))
    },
    async *list() {
      for await (const { Items = [] } of paginateScan({ client }, { TableName, ConsistentRead: true }))
        for (const { id, value } of Items) yield { key: id?.S ?? '', value: value?.S }
    },
  })
}

/** Returns the condition that an item has a version, or with undefined that it does not exist. */
function requireVersion(version: string | undefined) {
  const ExpressionAttributeNames = { '#version': 'version' }
  if (version === undefined)
    return { ConditionExpression: 'attribute_not_exists(#version)', ExpressionAttributeNames }
  const ExpressionAttributeValues = { ':version': { S: version } }
  return { ConditionExpression: '#version = :version', ExpressionAttributeNames, ExpressionAttributeValues }
}

/** Returns false if the condition of a request was not met. */
function succeeds(sent: Promise<unknown>): Promise<boolean> {
  return sent.then(
    () => true,
    (error) => {
      if (error instanceof ConditionalCheckFailedException) return false
      throw error
    },
  )
}
