/** The report in a real browser: it renders, its filters work, and it asks for nothing. */
import { existsSync } from 'node:fs'
import { chromium, type Page } from 'playwright-core'
import t from 'tap'
import { openStoreReadOnly } from '../../../../storage/database.ts'
import { runAgent } from '../../../support/command-context.ts'
import { DEMO_NOW_MS, fillDemoStore } from '../../../support/demo-store.ts'
import { fakeClock } from '../../../support/fake-clock.ts'
import { until } from '../../../support/until.ts'

const BROWSER = '/usr/bin/chromium'

t.test('in Chromium', { skip: !existsSync(BROWSER) && `no ${BROWSER}` }, async (t) => {
  const folder = t.testdir({})
  fillDemoStore(folder)
  const file = `${folder}/report.html`
  const clock = { ...fakeClock(DEMO_NOW_MS, 1), sleep: async () => {} }
  const context = { openStoreReadOnly, clock }
  const args = ['report', '--data-dir', folder, '--time-zone', 'UTC', '-o', file]
  t.match(await runAgent(args, context), { exitCode: 0, output: /report\.html: 4 findings\n/ })

  const browser = await chromium.launch({ executablePath: BROWSER, args: ['--no-sandbox'] })
  t.teardown(() => browser.close())
  const said: string[] = []
  const asked: string[] = []
  async function open(colorScheme: 'light' | 'dark'): Promise<Page> {
    const page = await browser.newPage({ colorScheme, viewport: { width: 1100, height: 1400 } })
    page.on('console', (message) => said.push(message.text()))
    page.on('pageerror', (error) => said.push(error.message))
    page.on('request', (request) => asked.push(request.url()))
    await page.goto(`file://${file}`)
    return page
  }
  const page = await open('light')
  const shown = () => page.locator('article:not([hidden])').count()
  const told = () => page.locator('#shown').textContent()

  await t.test('it renders', async (t) => {
    t.equal(await page.title(), 'Tidewatch: recurring transfers of web1')
    t.equal(await shown(), 4)
    t.equal(await told(), '4 of 4 shown')
    const raster = page.locator('article').first().locator('svg').first()
    t.ok(((await raster.boundingBox())?.width ?? 0) > 600, 'the raster is drawn large')
    t.ok((await raster.locator('.beats line').count()) > 900)
    t.ok((await raster.locator('.blind rect').count()) >= 2, 'blind spans are seen')
    t.match(await page.locator('main').textContent(), '412 records never reached us')
  })

  await t.test('filters', async (t) => {
    await page.getByLabel('Find').fill('restic backup')
    t.equal(await shown(), 1)
    t.equal(await told(), '1 of 4 shown')
    await page.getByRole('button', { name: 'Reset' }).click()
    await until('all are shown again', async () => (await shown()) === 4)
    await page.getByLabel('Least risk').selectOption('60')
    t.equal(await shown(), 2)
    await page.getByLabel('Least risk').selectOption('0')
    await page.getByLabel('known').uncheck()
    t.equal(await shown(), 3)
    await page.getByLabel('known').check()
    await page.getByLabel('Order').selectOption('bytes')
    t.match(await page.locator('article').first().textContent(), 'restic')
  })

  await t.test('keys alone reach everything', async (t) => {
    await page.reload()
    await page.keyboard.press('Tab')
    t.equal(await page.evaluate('document.activeElement.className'), 'skip')
    const summary = page.locator('article summary').nth(1)
    await summary.focus()
    await page.keyboard.press('Enter')
    t.not(await page.locator('article details').nth(1).getAttribute('open'), null)
    t.equal(await page.evaluate('getComputedStyle(document.activeElement).outlineStyle'), 'solid')
  })

  await t.test('dark is dark, and print opens all', async (t) => {
    const dark = await open('dark')
    t.equal(
      await dark.evaluate('getComputedStyle(document.body).backgroundColor'),
      'rgb(18, 22, 29)',
    )
    t.ok((await page.pdf({ format: 'A4' })).length > 20_000)
    await page.evaluate('dispatchEvent(new Event("beforeprint"))')
    t.equal(await page.locator('article details[open]').count(), 4)
    await page.evaluate('dispatchEvent(new Event("afterprint"))')
    t.equal(await page.locator('article details[open]').count(), 2)
    const narrow = await open('light')
    await narrow.setViewportSize({ width: 360, height: 700 })
    const overflow = await narrow.evaluate('document.documentElement.scrollWidth > innerWidth')
    t.notOk(overflow, 'a phone need not scroll sideways')
  })

  t.strictSame(said, [], 'no error and no warning')
  t.ok(
    asked.every((url) => url === `file://${file}`),
    `only the file itself: ${asked.join()}`,
  )
})
